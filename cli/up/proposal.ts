import { existsSync } from "node:fs";
import { CliExitCode } from "../console/exit-code";
import { OperatorError } from "../console/operator-error";
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
    return { deployment, plan, changes: changesOf(plan), warnings: synthesis.warnings };
  } catch (error) {
    deployment.close();
    throw error;
  }
}

/** The changes in the plans of both stacks. */
export function changesOf({ data, fleet }: DeploymentPlan): FleetChanges {
  return fleetChanges([data, fleet].flatMap(({ changes, stack }) => (changes === undefined ? [] : readPlan(changes, stack.name))));
}

/** Gathers concurrently everything `up` has to know. Changes nothing. */
export async function propose(environment: FleetEnvironment): Promise<Proposal> {
  const planned = planChanges(environment, { command: "deploy", believeState: true });
  const situation = secretSituation(environment);
  const repairs = findRepairs(environment);
  // All have to be at their end, so that nothing goes on behind an error.
  const [outcome] = await Promise.allSettled([planned, situation, repairs]);
  try {
    const { files, ...known } = await situation;
    return { secrets: planSecrets(known), stored: files, repairs: await repairs, ...(await planned) };
  } catch (error) {
    if (outcome.status === "fulfilled") outcome.value.deployment.close();
    throw error;
  }
}

/**
 * The early proposal if it is still right, else a new one. A new one is only made after the early one has ended, because both
 * use the same files. An early failure proves nothing: the engine may have been started since then.
 *
 * @param holds Whether the environment is still the one the early proposal was made for.
 */
export async function currentProposal(
  early: Promise<Proposal> | undefined,
  holds: boolean,
  proposeAgain: () => Promise<Proposal>,
): Promise<Proposal> {
  const proposal = await early?.catch((error: unknown) => {
    if (error instanceof OperatorError && error.exitCode === CliExitCode.INTERRUPTED) throw error;
    return undefined;
  });
  if (proposal !== undefined && holds) return proposal;
  proposal?.deployment.close();
  return proposeAgain();
}

/** Whether this machine has a Terraform state of the environment. */
export function wasDeployed(environment: FleetEnvironment): boolean {
  const file = stateFile(environment, environment.names.fleetStack);
  return file !== undefined && existsSync(file);
}
