import { output } from "../console/output";
import type { FleetEnvironment } from "../project/fleet-environment";
import { connectApi } from "../run/connect-api";
import { followRun } from "../run/follow-run";
import { runEvent, runExitCode } from "../run/run-progress";
import { DEMO_REPOSITORY, SCRIPTED_NOTICE } from "./next-steps";

/** Starts a run of the demonstration and follows it to its pull request; if one has succeeded before, only with `again`. */
export async function demonstrate(environment: FleetEnvironment, again: boolean, token?: string): Promise<void> {
  output().section("Run");
  const client = await connectApi(environment, token);
  const before = await client.newestRun("succeeded");
  if (before !== undefined && !again) {
    output().line(`a run has succeeded already: ${before.prUrl ?? before.id}; --run starts another`);
    if (before.prUrl !== null && !(await answers(before.prUrl)))
      output().line("its pull request is gone: the scripted GitHub loses its data when it restarts");
    return;
  }
  const run = await client.createRun({ repository: DEMO_REPOSITORY });
  output().event(runEvent(run), `run ${run.id} of ${run.repository}`);
  const ended = await followRun(client, run);
  output().line(SCRIPTED_NOTICE);
  process.exitCode = runExitCode(ended);
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return response?.ok === true;
}
