import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../runtime/contract";
import { isTerminal, runChanges } from "./run-progress";
import { ApiUnreachableError } from "./workflow-client";
import type { WorkflowClient } from "./workflow-client";

/** Shows stage by stage what a run does, until it has ended. */
export async function followRun(client: WorkflowClient, started: Run, say: (line: string) => void): Promise<Run> {
  let before: Run | undefined;
  let run = started;
  for (;;) {
    for (const line of runChanges(before, run)) say(line);
    if (isTerminal(run)) return run;
    await sleep(500);
    before = run;
    run = await look(client, run);
  }
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
