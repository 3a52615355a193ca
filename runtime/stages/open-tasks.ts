import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenTask } from "../contract";
import { StageFailure } from "./stage-failure";
import { parseTaskList } from "./task-list";

/**
 * The first open task of a feature, or of the first feature by name that has one; null when no task is open.
 *
 * @throws StageFailure when the requested feature has no tasks.md.
 */
export async function firstOpenTask(workTree: string, tasksRoot: string, featureKey: string | null): Promise<OpenTask | null> {
  for (const feature of featureKey === null ? await featureKeys(workTree, tasksRoot) : [featureKey]) {
    const tasksPath = `${tasksRoot}/${feature}/tasks.md`;
    const text = await readFile(join(workTree, tasksPath), "utf8").catch(() => null);
    if (text === null) {
      if (featureKey === null) continue;
      throw new StageFailure({
        code: "feature_not_found",
        reason: `the repository has no ${tasksPath}`,
        remediation: "check the feature key, or create the task list with Spec Kit's tasks command and push it to the default branch",
      });
    }
    const task = parseTaskList(text).find((candidate) => !candidate.done);
    if (task === undefined) continue;
    const { taskId, title, phase, lineNumber } = task;
    return { featureKey: feature, taskId, title, phase, tasksPath, lineNumber };
  }
  return null;
}

async function featureKeys(workTree: string, tasksRoot: string): Promise<string[]> {
  const entries = await readdir(join(workTree, tasksRoot), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
