import type { FleetEnvironment } from "../project/fleet-environment";
import { connectApi } from "../run/connect-api";
import { followRun } from "../run/follow-run";
import { runExitCode, runResult } from "../run/run-progress";
import { DEMO_REPOSITORY, SCRIPTED_NOTICE } from "./next-steps";

/** One run of the demonstration, followed to its pull request; none when one has succeeded already, unless asked for. */
export async function demonstrate(environment: FleetEnvironment, again: boolean, token?: string): Promise<void> {
  console.log("\nRun");
  const client = await connectApi(environment, token);
  const before = await client.newestRun("succeeded");
  if (before !== undefined && !again) {
    console.log(`a run has succeeded already: ${before.prUrl ?? before.id}; --run starts another`);
    if (before.prUrl !== null && !(await answers(before.prUrl)))
      console.log("its pull request is gone: the scripted GitHub keeps nothing over a restart");
    return;
  }
  const run = await client.createRun({ repository: DEMO_REPOSITORY });
  console.log(`run ${run.id} of ${run.repository}`);
  const ended = await followRun(client, run, console.log);
  for (const line of runResult(ended)) console.log(line);
  console.log(SCRIPTED_NOTICE);
  process.exitCode = runExitCode(ended);
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return response?.ok === true;
}
