import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ServiceName } from "../../constructs/resource-names";
import type { FleetEnvironment } from "../project/fleet-environment";
import { demonstrate } from "./demonstrate";
import { MissingPrerequisitesError } from "../console/prerequisite";
import { nextSteps } from "./next-steps";
import { prerequisiteLines } from "../console/prerequisite";
import { accountWords, enterAccount } from "../local/account";
import { brokerFiles } from "../local/broker-instance";
import { createDatabase } from "../local/create-database";
import { leftOutLines, localEngineNotice } from "./engine-choice";
import { brokerInstance, fleetServices, SERVICE_OF_PORT } from "../local/fleet-services";
import type { FleetPlan } from "../local/fleet-services";
import { findInstance } from "../local/instance";
import type { LocalInstance } from "../local/instance";
import { withInstanceLock } from "../local/instance-lock";
import { installTools, toolsFingerprint } from "../local/install-tools";
import { inspectLocalMachine, LOCAL_PATH } from "../local/local-machine";
import type { LocalMachine } from "../local/local-machine";
import { localPrerequisites } from "../local/local-prerequisite";
import { initialiseLocalSecrets, localSecretLines } from "../local/local-secrets";
import { installProgramFiles, keepOnly, stageProgramFiles } from "../local/program-files";
import { choosePorts, PORT_NAMES, readPorts } from "../local/remembered-ports";
import { runningServices } from "../local/running-services";
import { passedVariables } from "../local/service-variables";
import { startServices } from "../local/start-services";

export interface LocalUpOptions {
  /** Start a run of the demonstration also when one has succeeded. */
  readonly run: boolean;
  readonly consent: () => Promise<void>;
}

/**
 * Brings an environment up as processes of this machine.
 *
 * @throws OperatorError when something is missing or a service fails; what was done stays, and the same command goes on.
 */
export async function bringUpLocal(environment: FleetEnvironment, options: LocalUpOptions): Promise<void> {
  const started = Date.now();
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.once(signal, () => {
      console.log("\ninterrupted: what was started stays; the same command goes on from here, down stops it");
      process.exit(code);
    });
  const { name, settings } = environment;
  const instance = await findInstance(environment);
  console.log(`${localEngineNotice(accountWords(instance.account))}`);
  for (const line of leftOutLines(settings)) console.log(line);

  console.log("\nPrerequisites");
  const staged = await stageProgramFiles(instance.account, settings.build.pins);
  // Only root can make its place where the account may not.
  if (instance.account.change) instance.create();
  enterAccount(instance.account);
  const machine = await requireMachine(environment, instance);
  await options.consent();

  instance.create();
  await withInstanceLock(instance, async () => {
    console.log("\nSecrets");
    for (const line of localSecretLines(instance, initialiseLocalSecrets(environment, instance))) console.log(line);
    console.log("\nDeployment");
    const plan = await preparePlan(environment, instance, machine, staged);
    const services = fleetServices(plan);
    const fresh = await startServices(instance, services, settings.stages.timeout);
    keepOnly(plan.programs);
    keepOnly(path.dirname(plan.tools.record));
    const changed = fresh === 0 ? "nothing changed" : `${fresh} started`;
    console.log(
      `${name} is up on the local engine: ${services.length} services healthy, ${changed} (${((Date.now() - started) / 1000).toFixed(0)} s)`,
    );
  });

  if (settings.demo.scripted_services) await demonstrate(environment, options.run);
  console.log("");
  for (const line of nextSteps(environment, readPorts(instance).scriptedGithub)) console.log(line);
  console.log(`${"everything is in".padEnd(18)} ${instance.root}`);
}

async function requireMachine({ settings }: FleetEnvironment, instance: LocalInstance): Promise<LocalMachine> {
  const machine = await inspectLocalMachine({
    account: instance.account,
    listen: settings.api.listen,
    apiRuns: runningServices(instance).includes(ServiceName.api),
    directory: instance.root,
  });
  const rows = localPrerequisites(machine);
  for (const line of prerequisiteLines(rows)) console.log(line);
  const missing = rows.filter(({ ok }) => !ok);
  if (missing.length > 0) throw new MissingPrerequisitesError(missing);
  return machine;
}

/** Everything the services are started from. */
async function preparePlan(
  environment: FleetEnvironment,
  instance: LocalInstance,
  machine: LocalMachine,
  staged: string,
): Promise<FleetPlan> {
  const { settings } = environment;
  const programs = installProgramFiles(instance, staged);
  const worker = path.join(programs, "worker");
  const python = machine.python!;
  const versions = [machine.node, machine.git!, python.program, python.version];
  const tools = await installTools(
    instance.at("tools", toolsFingerprint(worker, versions)),
    { worker, python: python.program, path: LOCAL_PATH, downloads: settings.build },
    console.log,
  );
  const running = runningServices(instance);
  const ports = await choosePorts(instance, new Set(PORT_NAMES.filter((port) => running.includes(SERVICE_OF_PORT[port]))));
  for (const directory of ["codex", "workspaces", "rabbitmq"]) mkdirSync(instance.at(directory), { recursive: true, mode: 0o700 });
  const plan = { environment, instance, ports, programs, tools, postgres: machine.postgres!, passed: passedVariables(process.env) };
  writeBrokerFiles(plan);
  if (settings.database.host === undefined) {
    await createDatabase(plan.postgres, {
      data: instance.at("postgres"),
      user: settings.database.user,
      name: settings.database.name,
      passwordFile: path.join(instance.secrets("postgres"), "postgres_password"),
    });
  }
  return plan;
}

function writeBrokerFiles(plan: FleetPlan): void {
  const broker = brokerInstance(plan);
  for (const [name, text] of Object.entries(brokerFiles(broker))) writeFileSync(path.join(broker.directory, name), text, { mode: 0o600 });
  const cookie = path.join(broker.directory, ".erlang.cookie");
  if (existsSync(cookie)) return;
  // Erlang refuses a cookie that others could read.
  writeFileSync(cookie, randomBytes(24).toString("hex"), { mode: 0o400 });
}
