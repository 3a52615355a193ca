import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ServiceName } from "../../constructs/resource-names";
import { OperatorError } from "../console/operator-error";
import { output } from "../console/output";
import { MissingPrerequisitesError, showPrerequisites } from "../console/prerequisite";
import { accountWords, enterAccount } from "../local/account";
import type { Account } from "../local/account";
import { writeBrokerFiles } from "../local/broker";
import { createDatabase } from "../local/database";
import { claimInstance, findInstance, withInstanceLock } from "../local/instance";
import type { LocalInstance } from "../local/instance";
import { LocalFleet } from "../local/local-fleet";
import { hasCertificates, inspectLocalMachine, localPrerequisites, missingPrograms, placesWith, programsOf } from "../local/machine";
import type { LocalMachine } from "../local/machine";
import { apiListen, chooseApiListen, choosePorts, githubPort, hasApiAddress, PORT_NAMES } from "../local/ports";
import { initialiseLocalSecrets } from "../local/secrets";
import { localAuthorities, passedVariables } from "../local/service-variables";
import { authoritiesFile, brokerInstance, fleetServices, SERVICE_OF_PORT, serviceNames, stopOrder, stopPlan } from "../local/services";
import type { FleetPlan } from "../local/services";
import { startServices, stopServices } from "../local/supervisor";
import { ProgramCache } from "../packages/program-cache";
import type { UnpackedProgram } from "../packages/program-cache";
import type { ProgramName } from "../packages/program-packages";
import { installProgramFiles, installTools, keepOnly, stageProgramFiles, toolsFingerprint } from "../local/tools";
import type { FleetEnvironment } from "../project/fleet-environment";
import { showSecretWrites } from "../secrets/initialise-secrets";
import { demonstrate } from "./demonstrate";
import { leftOutLines, localEngineNotice } from "./engine-choice";
import { nextSteps } from "./next-steps";

export interface LocalUpOptions {
  /** Whether to start a run of the demonstration even when one has succeeded. */
  readonly run: boolean;
  readonly consent: () => Promise<void>;
}

/**
 * Brings an environment up as processes of this machine.
 *
 * @throws OperatorError when something is missing or a service fails; what was done stays, and the same command continues.
 */
export async function bringUpLocal(environment: FleetEnvironment, options: LocalUpOptions): Promise<void> {
  const started = Date.now();
  sayWhenInterrupted();
  const { settings } = environment;
  const found = await findInstance(environment);
  const { account } = found;
  output().line(`${localEngineNotice(accountWords(account))}`);
  for (const line of leftOutLines(settings)) output().line(line);

  output().section("Prerequisites");
  const staged = await stageProgramFiles(account, settings.build.pins);
  // Only root can make its place where the account may not, and see whose the places are that are taken.
  const claimed = account.change ? await claimInstance(environment) : undefined;
  enterAccount(account);
  const machine = await requireMachine(environment, claimed ?? found);
  await options.consent();

  const instance = claimed ?? (await claimInstance(environment));
  const placed = await withInstanceLock(instance, async () => {
    output().section("Secrets");
    const made = initialiseLocalSecrets(environment, instance);
    showSecretWrites(environment.name, made, ({ consumer, name }) => path.join(instance.secrets(consumer), name));
    output().section("Deployment");
    const plan = await preparePlan(environment, instance, machine, staged);
    await startFleet(plan, started);
    return plan.environment;
  });

  if (settings.demo.scripted_services) await demonstrate(placed, options.run, new LocalFleet(placed, instance).apiToken());
  output().section("Next");
  for (const line of nextSteps(placed, githubPort(instance))) output().line(line);
  output().line(`${"everything is in".padEnd(18)} ${instance.root}`);
}

function sayWhenInterrupted(): void {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.once(signal, () => {
      output().line("\ninterrupted: what was started stays; the same command goes on from here, down stops it");
      process.exit(code);
    });
}

/** Inspects the machine and unpacks missing programs from its packages into the user's cache. */
async function requireMachine(environment: FleetEnvironment, instance: LocalInstance): Promise<LocalMachine> {
  const { settings } = environment;
  const { account, root: directory } = instance;
  const listen = apiListen(instance, settings);
  const ours = hasApiAddress(instance, settings, new LocalFleet(environment, instance).runningServices().includes(ServiceName.api));
  const api = { listen, ours, movable: settings.demo.scripted_services };
  const installed = await inspectLocalMachine({ account, api, directory });
  const missing = missingPrograms(installed);
  const unpacked = missing.length > 0 && installed.packageManager === "apt-get" ? await unpack(account, missing) : [];
  const machine =
    unpacked.length === 0
      ? installed
      : await inspectLocalMachine({ account, api, directory, places: placesWith(unpacked, hasCertificates()) });
  const rows = localPrerequisites(machine);
  showPrerequisites(rows);
  const lacking = rows.filter(({ ok }) => !ok);
  if (lacking.length > 0) throw new MissingPrerequisitesError(lacking);
  return machine;
}

/** Unpacks programs; if that fails, the table of prerequisites lists them as missing. */
async function unpack({ cacheHome }: Account, programs: readonly ProgramName[]): Promise<readonly UnpackedProgram[]> {
  try {
    return await new ProgramCache(cacheHome).provide(programs, (line) => output().line(line));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    output().line(error.message);
    return [];
  }
}

/** Prepares everything that the services need to start. */
async function preparePlan(
  environment: FleetEnvironment,
  instance: LocalInstance,
  machine: LocalMachine,
  staged: string,
): Promise<FleetPlan & { readonly environment: FleetEnvironment }> {
  const { settings } = environment;
  const programs = programsOf(machine);
  const fleetPrograms = installProgramFiles(instance, staged);
  const worker = path.join(fleetPrograms, "worker");
  const versions = [machine.node, machine.git!, programs.python, machine.python!.version];
  const directory = instance.at("tools", toolsFingerprint(worker, versions));
  const tools = await installTools(directory, { worker, programs, downloads: settings.build }, (line) => output().line(line));
  const running = new LocalFleet(environment, instance).runningServices();
  const ports = await choosePorts(instance, new Set(PORT_NAMES.filter((port) => running.includes(SERVICE_OF_PORT[port]))));
  const listen = await chooseApiListen(instance, settings, running.includes(ServiceName.api));
  const placed = { ...environment, settings: { ...settings, api: { ...settings.api, listen } } };
  for (const made of ["codex", "workspaces"]) mkdirSync(instance.at(made), { recursive: true, mode: 0o700 });
  const plan = {
    environment: placed,
    instance,
    ports,
    programs,
    fleetPrograms,
    tools,
    passed: passedVariables(process.env, settings.network),
  };
  const authorities = localAuthorities(settings.network, { ...programs.environment, ...process.env });
  if (authorities !== undefined) writeFileSync(authoritiesFile(instance), authorities);
  if (settings.broker.url === undefined) writeBrokerFiles(brokerInstance(plan));
  if (settings.database.host === undefined) {
    await createDatabase(programs, {
      data: instance.at("postgres"),
      user: settings.database.user,
      name: settings.database.name,
      passwordFile: path.join(instance.secrets("postgres"), "postgres_password"),
    });
  }
  return plan;
}

/** Starts or replaces services that do not run as defined, and stops those the environment no longer needs. */
async function startFleet(plan: FleetPlan & { readonly environment: FleetEnvironment }, since: number): Promise<void> {
  const { environment, instance, fleetPrograms, tools } = plan;
  const { timeout } = environment.settings.stages;
  const wanted = serviceNames(environment.settings);
  const surplus = new LocalFleet(environment, instance).runningServices().filter((name) => !wanted.includes(name));
  await stopServices(instance, stopPlan(surplus, timeout));
  const fresh = await startServices(instance, fleetServices(plan), (name) => stopOrder(name, timeout));
  keepOnly(fleetPrograms);
  keepOnly(path.dirname(tools.record));
  const changes = [...(fresh === 0 ? [] : [`${fresh} started`]), ...(surplus.length === 0 ? [] : [`${surplus.length} stopped`])];
  output().line(
    `${environment.name} is up on the local engine: ${wanted.length} services healthy, ${changes.join(", ") || "nothing changed"} (${((Date.now() - since) / 1000).toFixed(0)} s)`,
  );
}
