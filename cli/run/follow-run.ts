import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../runtime/contract";
import { isTerminal, runChanges } from "./run-progress";
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
    run = await client.run(run.id);
  }
}
