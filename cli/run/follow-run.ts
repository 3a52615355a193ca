import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../runtime/contract";
import { CliExitCode } from "../console/exit-code";
import { output } from "../console/output";
import { changedTasks, isTerminal, runEvent, runResult, taskEvent, taskLine } from "./run-progress";
import { ApiUnreachableError } from "./workflow-client";
import type { WorkflowClient } from "./workflow-client";

/** Shows stage by stage what a run does, until it has ended, and how it ended. */
export async function followRun(client: WorkflowClient, started: Run): Promise<Run> {
  const leave = (): void => {
    output().line(`\nnobody looks on any more; the run goes on: GET ${client.addressOf(started.id)}`);
    process.exit(CliExitCode.INTERRUPTED);
  };
  process.once("SIGINT", leave);
  try {
    return await followToEnd(client, started);
  } finally {
    process.off("SIGINT", leave);
  }
}

async function followToEnd(client: WorkflowClient, started: Run): Promise<Run> {
  let before: Run | undefined;
  let run = started;
  for (;;) {
    for (const task of changedTasks(before, run)) output().event(taskEvent(task), taskLine(task));
    if (isTerminal(run)) break;
    await sleep(500);
    before = run;
    run = await look(client, run);
  }
  output().event(runEvent(run), runResult(run));
  return run;
}

/** The API may be replaced while a run goes on; the run does not mind, so neither does who follows it. */
async function look(client: WorkflowClient, run: Run): Promise<Run> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(1_000)) {
    try {
      return await client.run(run.id);
    } catch (error) {
      if (!(error instanceof ApiUnreachableError) || Date.now() > deadline) throw error;
    }
  }
}

/** How long an API that does not answer is asked again, in milliseconds. */
const PATIENCE = 120_000;
