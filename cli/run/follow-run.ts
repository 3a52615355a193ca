import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../runtime/contract";
import { CliExitCode } from "../console/exit-code";
import { output } from "../console/output";
import { changedTasks, isTerminal, runEvent, runResult, taskEvent, taskLine } from "./run-progress";
import { ApiUnreachableError } from "./workflow-client";
import type { WorkflowClient } from "./workflow-client";

/** Shows the stages of a run until it has ended, and its result. */
export async function followRun(client: WorkflowClient, started: Run): Promise<Run> {
  const leave = (): void => {
    output().line(`\nno longer watching; the run goes on: GET ${client.addressOf(started.id)}`);
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

/** Reads the run. A deployment may replace the API while the run goes on, so it waits until the API answers again. */
async function look(client: WorkflowClient, run: Run): Promise<Run> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(1_000)) {
    try {
      return await client.run(run.id);
    } catch (error) {
      if (!(error instanceof ApiUnreachableError) || Date.now() > deadline) throw error;
    }
  }
}

/** How long to keep asking an API that does not answer, in milliseconds. */
const PATIENCE = 120_000;
