import { isDeepStrictEqual } from "node:util";
import { ServiceName } from "../../constructs/resource-names";
import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";
import { output } from "../console/output";
import { writeSecretFiles } from "../docker/secret-volumes";
import { loadEnvironment } from "../project/fleet-environment";
import type { FleetEnvironment } from "../project/fleet-environment";
import { hasChanges } from "../report/fleet-changes";
import type { FleetChanges } from "../report/fleet-changes";
import { summaryLines } from "../report/plan-summary";
import { requireSecrets } from "../secrets/missing-secrets";
import type { SecretWrite } from "../secrets/secret-plan";
import { showSecretWrites } from "../secrets/initialise-secrets";
import type { Deployment, DeploymentPlan } from "../terraform/deployment";
import { claimEnvironment } from "../terraform/fleet-state";
import { carryOutRepairs } from "../terraform/repair";
import { awaitRunningDeployment } from "../terraform/running-deployment";
import { demonstrate } from "./demonstrate";
import { nextSteps } from "./next-steps";
import { prepareMachine } from "./prepare-machine";
import type { MachineOptions } from "./prepare-machine";
import { changesOf, currentProposal, propose, wasDeployed } from "./proposal";
import type { Proposal } from "./proposal";
import { requireHealthy } from "./require-healthy";

export interface DockerUpOptions extends MachineOptions {
  /** Whether to start a run of the demonstration even when one has succeeded. */
  readonly run: boolean;
  /** Asks for confirmation before anything on the engine is changed. */
  readonly consent: () => Promise<void>;
}

/**
 * Brings an environment up on its Docker engine: prerequisites, plan, consent, secrets, deployment.
 *
 * @throws MissingPrerequisitesError before anything was changed.
 * @throws OperatorError when it fails; what was created stays, and the same command goes on from there.
 */
export async function bringUpDocker(asWritten: FleetEnvironment, options: DockerUpOptions): Promise<void> {
  const started = Date.now();
  await awaitRunningDeployment(asWritten, say);
  // If the environment was deployed before, plan while the machine is inspected: neither changes anything.
  const early = wasDeployed(asWritten) ? propose(asWritten) : undefined;
  early?.catch(() => undefined);

  const machine = await prepareMachine(asWritten, options).catch((error: unknown) => {
    void early?.then(({ deployment }) => deployment.close()).catch(() => undefined);
    throw error;
  });
  const environment = machine.settingsWritten ? loadEnvironment(asWritten.name) : asWritten;
  const proposal = await currentProposal(early, !machine.settingsWritten, () => propose(environment));
  try {
    await carryOut(environment, proposal, options, machine.makeStandIns);
  } finally {
    proposal.deployment.close();
  }
  const services = await requireHealthy(environment);
  const changed = hasChanges(proposal.changes) ? "" : ", nothing changed";
  say(`${environment.name} is up: ${services} containers healthy${changed} (${((Date.now() - started) / 1000).toFixed(1)} s)`);

  if (environment.settings.demo.scripted_services) await demonstrate(environment, options.run, apiToken(proposal));
  output().section("Next");
  nextSteps(environment).forEach((line) => output().line(line));
}

function say(line: string): void {
  output().line(line);
}

async function carryOut(
  environment: FleetEnvironment,
  { changes, deployment, plan, repairs, secrets, stored, warnings }: Proposal,
  { consent }: DockerUpOptions,
  makeStandIns: () => Promise<void>,
): Promise<void> {
  requireSecrets(environment, stored);
  output().section("Plan");
  warnings.forEach((warning) => output().line(warning));
  output().event({ event: "plan", changes: hasChanges(changes), plan: changes }, summaryLines(environment.name, changes));
  if (hasChanges(changes) || repairs.length > 0 || secrets.length > 0) await consent();
  await makeStandIns();

  output().section("Secrets");
  await writeSecretFiles(environment.name, secrets);
  showSecretWrites(environment.name, secrets);
  await restartBroker(environment, secrets);

  output().section("Deployment");
  claimEnvironment(environment);
  await carryOutRepairs(repairs, say);
  await deployment.apply(repairs.length === 0 ? plan : await planAgain(environment, deployment, changes, consent));
}

/** Plans after repairs. What nobody has agreed to yet is shown and asked about, too. */
async function planAgain(
  { name }: FleetEnvironment,
  deployment: Deployment,
  agreed: FleetChanges,
  consent: () => Promise<void>,
): Promise<DeploymentPlan> {
  const plan = await deployment.plan();
  const changes = changesOf(plan);
  if (isDeepStrictEqual(changes, agreed)) return plan;
  output().event({ event: "plan", changes: hasChanges(changes), plan: changes }, ["after the repairs:", ...summaryLines(name, changes)]);
  if (hasChanges(changes)) await consent();
  return plan;
}

function apiToken({ secrets, stored }: Proposal): string | undefined {
  return [...secrets, ...stored].find(({ consumer, name }) => consumer === "api" && name === "fleet_api_token")?.content.toString();
}

/**
 * Restarts a running broker whose definitions have changed, because it reads them only when it starts. It does so before
 * anything is deployed that needs the new queues or passwords.
 */
async function restartBroker({ name }: FleetEnvironment, writes: readonly SecretWrite[]): Promise<void> {
  if (!writes.some(({ consumer }) => consumer === "rabbitmq")) return;
  const broker = (await listContainers(name)).find(({ service, state }) => service === ServiceName.broker && state === "running");
  if (broker === undefined) return;
  output().line(`restarting ${broker.name}: it reads its definitions when it starts`);
  await docker(["restart", broker.id]);
}
