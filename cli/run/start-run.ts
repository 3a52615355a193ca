import type { Agent, SkillOverrides } from "../../runtime/contract";
import { output } from "../console/output";
import type { FleetEnvironment } from "../project/fleet-environment";
import { connectApi } from "./connect-api";
import { followRun } from "./follow-run";
import { runEvent, runExitCode } from "./run-progress";

/** Options of a new run. */
export interface RunRequest {
  readonly repository: string;
  readonly feature?: string;
  readonly agent: Agent;
  readonly skill: SkillOverrides;
  readonly notes?: string;
  /** Whether to wait until the run has ended. */
  readonly follow?: true;
}

/** Starts a run. @returns the exit code: 0, or 1 when the run was followed and failed. */
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
