import { collectSkill } from "../../../cli/commands/run";
import { changedTasks, isTerminal, runExitCode, runResult, taskLine } from "../../../cli/run/run-progress";
import { TASK_NAMES } from "../../../runtime/contract";
import type { Run, RunStatus, Stage, TaskState, TaskStatus, WorkflowTaskStatePayload } from "../../../runtime/contract";

const DECISION: WorkflowTaskStatePayload = {
  selectedSkill: "speckit",
  executionPath: null,
  usedSkills: false,
  usedFallback: false,
  shadowModeRequested: false,
};

function task(stage: Stage, status: TaskStatus, changes: Partial<TaskState> = {}): TaskState {
  const attempt = changes.attempt ?? 1;
  return {
    ...{ id: `${stage}-${attempt}`, taskName: TASK_NAMES[stage], status, attempt, payload: DECISION, message: null, artifactPaths: [] },
    ...{ startedAt: null, finishedAt: null, createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z" },
    ...changes,
  };
}

function run(status: RunStatus, tasks: TaskState[], changes: Partial<Run> = {}): Run {
  return { id: "r1", status, tasks, prUrl: null, branchName: null, ...changes } as Run;
}

function lines(before: Run | undefined, after: Run): string[] {
  return changedTasks(before, after).map(taskLine);
}

const TIMES = { startedAt: "2026-01-01T00:00:00.000Z", finishedAt: "2026-01-01T00:00:01.250Z" };

test("shows what changed, in the order of the stages", () => {
  const first = run("pending", [task("publish", "queued"), task("submit", "queued"), task("discover", "running")]);
  const done = task("discover", "succeeded", {
    ...TIMES,
    payload: { ...DECISION, executionPath: "skill", usedSkills: true },
    message: "T001 hello",
  });
  const second = run("running", [task("publish", "queued"), task("submit", "running"), done]);
  expect(lines(undefined, run("pending", [task("discover", "queued")]))).toEqual([]);
  expect(lines(undefined, first)).toEqual(["discover  running"]);
  expect(lines(first, second)).toEqual(["discover  succeeded   1.3 s  skill speckit  T001 hello", "submit    running"]);
  expect(lines(second, second)).toEqual([]);
});

test("shows attempts after the first and how a stage fell back", () => {
  const again = task("submit", "failed", {
    ...TIMES,
    attempt: 2,
    payload: { ...DECISION, executionPath: "direct_fallback" },
    message: "no change",
  });
  expect(lines(undefined, run("failed", [again]))).toEqual(["submit    failed     (attempt 2)  1.3 s  direct fallback  no change"]);
});

test.each<[RunStatus, boolean, number]>([
  ["pending", false, 1],
  ["running", false, 1],
  ["retrying", false, 1],
  ["succeeded", true, 0],
  ["no_work", true, 0],
  ["failed", true, 1],
  ["cancelled", true, 1],
])("%s: ended %s, exit code %i", (status, terminal, exitCode) => {
  expect([isTerminal(run(status, [])), runExitCode(run(status, []))]).toEqual([terminal, exitCode]);
});

test.each<[string, Run, string[]]>([
  ["a pull request", run("succeeded", [], { prUrl: "http://pr/1" }), ["run succeeded: http://pr/1"]],
  ["a branch alone", run("succeeded", [], { branchName: "b" }), ["run succeeded: branch b"]],
  ["nothing to do", run("no_work", []), ["run ended: no open task was found, so there was nothing to do"]],
  [
    "a failure with its reason",
    run("failed", [
      task("submit", "failed", {
        payload: { ...DECISION, code: "codex_preflight_failed", reason: "not signed in", remediation: "sign in" },
      }),
    ]),
    ["run failed: codex_preflight_failed: not signed in", "fix: sign in"],
  ],
  ["a failure with a message alone", run("failed", [task("submit", "failed", { message: "lost" })]), ["run failed: lost"]],
])("the end of a run with %s", (_what, ended, lines) => {
  expect(runResult(ended)).toEqual(lines);
});

test("--skill collects stages", () => {
  expect(collectSkill("submit=mine", { discover: "speckit" })).toEqual({ discover: "speckit", submit: "mine" });
});

test.each(["submit", "submit=", "=mine", "apply=mine"])("fails for --skill %s", (text) => {
  expect(() => collectSkill(text, {})).toThrow("write stage=id with one of discover, submit, publish, for example submit=speckit");
});
