import type { Agent, SkillOverrides } from "../../runtime/contract";
import { output } from "../console/output";
import type { FleetEnvironment } from "../project/fleet-environment";
import { connectApi } from "./connect-api";
import { followRun } from "./follow-run";
import { runEvent, runExitCode } from "./run-progress";

/** What a run is asked for. */
export interface RunRequest {
  readonly repository: string;
  readonly feature?: string;
  readonly agent: Agent;
  readonly skill: SkillOverrides;
  readonly notes?: string;
  /** Stay until it has ended. */
  readonly follow?: true;
}

/** Starts a run. @returns 0; when it was followed, 1 for a run that did not come to a good end. */
export async function startRun(environment: FleetEnvironment, request: RunRequest): Promise<number> {
  const { repository, feature, agent, skill, notes, follow } = request;
  const client = await connectApi(environment);
  const run = await client.createRun({
    repository,
    agent,
    skillOverrides: skill,
    ...(feature === undefined ? {} : { featureKey: feature }),
    ...(notes === undefined ? {} : { notes }),
  });
  output().event(runEvent(run), `run ${run.id} of ${run.repository}`);
  return follow === undefined ? 0 : runExitCode(await followRun(client, run));
}
