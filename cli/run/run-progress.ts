import { STAGES, TASK_NAMES } from "../../runtime/contract";
import type { Run, RunStatus, Stage, TaskState } from "../../runtime/contract";
import type { FleetEvent } from "../console/event";

const TERMINAL: readonly RunStatus[] = ["succeeded", "failed", "no_work", "cancelled"];

export function isTerminal(run: Run): boolean {
  return TERMINAL.includes(run.status);
}

/** 0 when the run succeeded or found no work, else 1. */
export function runExitCode(run: Run): number {
  return run.status === "succeeded" || run.status === "no_work" ? 0 : 1;
}

/** Tasks that changed between two readings of a run, in order; `before` is undefined for the first. */
export function changedTasks(before: Run | undefined, after: Run): TaskState[] {
  const known = new Map(before?.tasks.map((task) => [task.id, task.status]));
  return inOrder(after.tasks).filter((task) => task.status !== "queued" && known.get(task.id) !== task.status);
}

/** How a run ended, in one or two lines. */
export function runResult(run: Run): string[] {
  switch (run.status) {
    case "succeeded":
      return [run.prUrl === null ? `run succeeded: branch ${run.branchName ?? "unknown"}` : `run succeeded: ${run.prUrl}`];
    case "no_work":
      return ["run ended: no open task was found, so there was nothing to do"];
    case "cancelled":
      return ["run was cancelled"];
    default: {
      const why = failureReason(run);
      const remediation = failedTask(run)?.payload.remediation;
      return [`run failed${why === null ? "" : `: ${why}`}`, ...(remediation === undefined ? [] : [`fix: ${remediation}`])];
    }
  }
}

/** A run as an event. */
export function runEvent(run: Run): FleetEvent {
  const { id, repository, status, prUrl } = run;
  return { event: "run", id, repository, status, pullRequest: prUrl, reason: status === "failed" ? failureReason(run) : null };
}

/** A task as an event. */
export function taskEvent(task: TaskState): FleetEvent {
  const { status, attempt, message, payload } = task;
  return { event: "task", stage: stageOf(task), status, attempt, seconds: seconds(task), executionPath: payload.executionPath, message };
}

/** A task in one line. */
export function taskLine(task: TaskState): string {
  const attempt = task.attempt > 1 ? ` (attempt ${task.attempt})` : "";
  const took = seconds(task);
  return [
    `${stageOf(task).padEnd(9)} ${task.status.padEnd(10)}${attempt}`,
    took === null ? "" : `${took.toFixed(1)} s`,
    howText(task),
    task.message ?? "",
  ]
    .filter(Boolean)
    .join("  ")
    .trimEnd();
}

function failedTask({ tasks }: Run): TaskState | undefined {
  return tasks.findLast(({ status }) => status === "failed");
}

function failureReason(run: Run): string | null {
  const failed = failedTask(run);
  const { code, reason } = failed?.payload ?? {};
  return [code, reason ?? failed?.message].filter(Boolean).join(": ") || null;
}

function stageOf({ taskName }: TaskState): string {
  return STAGES.find((name) => TASK_NAMES[name] === taskName) ?? taskName;
}

function seconds({ startedAt, finishedAt }: TaskState): number | null {
  return startedAt === null || finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
}

function howText({ payload, finishedAt }: TaskState): string {
  if (finishedAt === null || payload.executionPath === null) return "";
  return payload.executionPath === "skill" ? `skill ${payload.selectedSkill}` : payload.executionPath.replace("_", " ");
}

function inOrder(tasks: readonly TaskState[]): TaskState[] {
  const place = (task: TaskState) => STAGES.findIndex((stage: Stage) => TASK_NAMES[stage] === task.taskName);
  return [...tasks].sort((a, b) => a.attempt - b.attempt || place(a) - place(b));
}
