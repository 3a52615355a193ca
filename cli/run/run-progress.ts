import { STAGES, TASK_NAMES } from "../../runtime/contract";
import type { Run, RunStatus, Stage, TaskState } from "../../runtime/contract";

const TERMINAL: readonly RunStatus[] = ["succeeded", "failed", "no_work", "cancelled"];

export function isTerminal(run: Run): boolean {
  return TERMINAL.includes(run.status);
}

/** 0 when the run came to a good end, also without any work to do; 1 when not. */
export function runExitCode(run: Run): number {
  return run.status === "succeeded" || run.status === "no_work" ? 0 : 1;
}

/** Lines for what changed between two looks at a run; `before` is undefined at the first. */
export function runChanges(before: Run | undefined, after: Run): string[] {
  const known = new Map(before?.tasks.map((task) => [task.id, task.status]));
  return inOrder(after.tasks)
    .filter((task) => task.status !== "queued" && known.get(task.id) !== task.status)
    .map(taskLine);
}

/** How a run ended, in one or two lines. */
export function runResult(run: Run): string[] {
  switch (run.status) {
    case "succeeded":
      return [run.prUrl === null ? `run succeeded: branch ${run.branchName ?? "unknown"}` : `run succeeded: ${run.prUrl}`];
    case "no_work":
      return ["run ended: no open task was found, nothing was to be done"];
    case "cancelled":
      return ["run was cancelled"];
    default: {
      const failed = run.tasks.filter((task) => task.status === "failed").at(-1);
      const { code, reason, remediation } = failed?.payload ?? {};
      const why = [code, reason ?? failed?.message].filter(Boolean).join(": ");
      return [`run failed${why === "" ? "" : `: ${why}`}`, ...(remediation === undefined ? [] : [`fix: ${remediation}`])];
    }
  }
}

function taskLine(task: TaskState): string {
  const stage = STAGES.find((name) => TASK_NAMES[name] === task.taskName) ?? task.taskName;
  const attempt = task.attempt > 1 ? ` (attempt ${task.attempt})` : "";
  return [`${stage.padEnd(9)} ${task.status.padEnd(10)}${attempt}`, secondsText(task), howText(task), task.message ?? ""]
    .filter(Boolean)
    .join("  ")
    .trimEnd();
}

function secondsText(task: TaskState): string {
  if (task.startedAt === null || task.finishedAt === null) return "";
  return `${((Date.parse(task.finishedAt) - Date.parse(task.startedAt)) / 1000).toFixed(1)} s`;
}

function howText({ payload, finishedAt }: TaskState): string {
  if (finishedAt === null || payload.executionPath === null) return "";
  return payload.executionPath === "skill" ? `skill ${payload.selectedSkill}` : payload.executionPath.replace("_", " ");
}

function inOrder(tasks: readonly TaskState[]): TaskState[] {
  const place = (task: TaskState) => STAGES.findIndex((stage: Stage) => TASK_NAMES[stage] === task.taskName);
  return [...tasks].sort((a, b) => a.attempt - b.attempt || place(a) - place(b));
}
