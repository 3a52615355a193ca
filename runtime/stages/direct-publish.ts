import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenTask, PublishResult } from "../contract";
import { StageFailure } from "./stage-failure";
import { tickTask } from "./task-list";

/** In characters; GitHub's limit is 256. */
const TITLE_LENGTH = 240;

export interface PublishFacts {
  readonly runId: string;
  readonly agent: string;
  readonly task: OpenTask;
  /** The agent's last message. */
  readonly summary: string | null;
}

/**
 * Ticks off the task in the work tree and names the change, when no skill is used.
 *
 * @throws StageFailure when the task is no longer in the list.
 */
export async function directPublish(workTree: string, facts: PublishFacts): Promise<PublishResult> {
  const file = join(workTree, facts.task.tasksPath);
  const text = await readFile(file, "utf8");
  const ticked = tickTask(text, facts.task.taskId);
  if (ticked === null) {
    throw new StageFailure({
      code: "task_gone",
      reason: `${facts.task.tasksPath} has no task ${facts.task.taskId} any more: the agent removed it`,
      remediation: "retry the run with mode restart_from_discovery",
    });
  }
  if (ticked !== text) await writeFile(file, ticked);
  return nameChange(facts);
}

/** Commit message, title and body of the pull request. */
export function nameChange({ runId, agent, task, summary }: PublishFacts): PublishResult {
  const name = `${task.taskId} ${task.title}`;
  const title = name.length > TITLE_LENGTH ? `${name.slice(0, TITLE_LENGTH - 3)}...` : name;
  const quoted = (summary ?? "")
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
  const body = [
    `Carries out **${task.taskId}** of \`${task.tasksPath}\`: ${task.title}\n\n`,
    task.phase === "" ? "" : `- Phase: ${task.phase}\n`,
    `- Agent: ${agent}\n`,
    `- Run: \`${runId}\`\n`,
    summary === null || summary === "" ? "" : `\nThe agent about its work:\n\n${quoted}\n`,
  ].join("");
  return { title, commitMessage: `${title}\n\nTask ${task.taskId} of ${task.tasksPath}\n`, body };
}
