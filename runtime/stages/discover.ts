import { readFile } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import type { DiscoverResult, OpenTask } from "../contract";
import { firstOpenTask } from "./open-tasks";
import { SkillFailedError } from "./run-skill";
import type { StageContext, StageOutcome } from "./stage-context";
import { parseTaskList } from "./task-list";

/** Clones or updates the repository and finds the task the run works on. */
export async function discover(context: StageContext): Promise<StageOutcome> {
  const { claim, config, workTree } = context;
  const base = await workTree.update();
  const { featureKey } = claim.run;
  const { task } = await context.decide("discover", {
    input: { featureKey, task: null, summary: null },
    direct: async (): Promise<DiscoverResult> => ({
      task: await firstOpenTask(workTree.path, config.SPEC_WORKFLOW_TASKS_ROOT, featureKey),
    }),
    verify: async (result) => verifyTask(result.task, featureKey, workTree.path),
    restore: () => workTree.checkout(base),
  });
  const payload = { baseBranch: base.branch, baseCommit: base.commit };
  if (task === null) {
    return {
      message: featureKey === null ? "no feature has an open task" : `${featureKey} has no open task`,
      payload: { ...payload, result: "no_work", noWork: true },
      artifacts: [],
      run: {},
      next: null,
    };
  }
  return {
    message: `${task.taskId} ${task.title}`,
    payload: { ...payload, ...task, title: task.title },
    artifacts: [],
    run: { featureKey: task.featureKey },
    next: "submit",
  };
}

/** Refuses a skill's answer whose task is not an open task of the work tree. */
async function verifyTask(task: OpenTask | null, featureKey: string | null, workTree: string): Promise<void> {
  if (task === null) return;
  if (featureKey !== null && task.featureKey !== featureKey) {
    throw new SkillFailedError(`discover answered with feature "${task.featureKey}", the run asks for "${featureKey}"`);
  }
  if (isAbsolute(task.tasksPath) || normalize(task.tasksPath).startsWith("..")) {
    throw new SkillFailedError(`discover answered with tasksPath "${task.tasksPath}", which is outside the work tree`);
  }
  const text = await readFile(join(workTree, task.tasksPath), "utf8").catch(() => "");
  const found = parseTaskList(text).find((candidate) => candidate.taskId === task.taskId);
  if (found === undefined || found.done) {
    throw new SkillFailedError(`discover answered with ${task.taskId}, which is not an open task of ${task.tasksPath}`);
  }
}
