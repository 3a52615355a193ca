import { existsSync } from "node:fs";
import type { FleetEnvironment } from "../project/fleet-environment";
import { fleetChanges } from "../report/fleet-changes";
import type { FleetChanges } from "../report/fleet-changes";
import { readPlan } from "../report/plan-json";
import { secretSituation } from "../secrets/initialise-secrets";
import { planSecrets } from "../secrets/secret-plan";
import type { SecretWrite } from "../secrets/secret-plan";
import { Deployment } from "../terraform/deployment";
import type { DeploymentPlan } from "../terraform/deployment";
import { stateFile } from "../terraform/fleet-state";
import { findRepairs } from "../terraform/repair";
import type { Repair } from "../terraform/repair-plan";
import { synthesize } from "../terraform/synthesis";

/** What Terraform would change, and the plan for it; `deployment.close()` deletes the plan. */
export interface PlannedChanges {
  readonly deployment: Deployment;
  readonly plan: DeploymentPlan;
  readonly changes: FleetChanges;
  /** Warnings of the project's program. */
  readonly warnings: readonly string[];
}

/** Everything `up` would change on an engine. */
export interface Proposal extends PlannedChanges {
  readonly secrets: readonly SecretWrite[];
  /** The secrets that are stored already. */
  readonly stored: Awaited<ReturnType<typeof secretSituation>>["files"];
  readonly repairs: readonly Repair[];
}

/**
 * Synthesizes an environment and compares both of its stacks with the running fleet. Changes nothing.
 *
 * @param options.believeState see `Deployment.plan`.
 */
export async function planChanges(
  environment: FleetEnvironment,
  options: { readonly command: "plan" | "deploy"; readonly believeState?: boolean },
): Promise<PlannedChanges> {
  const synthesis = await synthesize(environment);
  const deployment = new Deployment(environment, synthesis, options.command);
  try {
    const plan = await deployment.plan(options);
    const resources = [plan.data, plan.fleet].flatMap(({ changes, stack }) => (changes === undefined ? [] : readPlan(changes, stack.name)));
    return { deployment, plan, changes: fleetChanges(resources), warnings: synthesis.warnings };
  } catch (error) {
    deployment.close();
    throw error;
  }
}

/** Gathers concurrently everything `up` has to know. Changes nothing. */
export async function propose(environment: FleetEnvironment): Promise<Proposal> {
  const [planned, situation, repairs] = await Promise.allSettled([
    planChanges(environment, { command: "deploy", believeState: true }),
    secretSituation(environment),
    findRepairs(environment),
  ]);
  try {
    const { files, ...known } = fulfilled(situation);
    return { secrets: planSecrets(known), stored: files, repairs: fulfilled(repairs), ...fulfilled(planned) };
  } catch (error) {
    if (planned.status === "fulfilled") planned.value.deployment.close();
    throw error;
  }
}

/** Whether this machine has a Terraform state of the environment. */
export function wasDeployed(environment: FleetEnvironment): boolean {
  const file = stateFile(environment, environment.names.fleetStack);
  return file !== undefined && existsSync(file);
}

function fulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
