import { spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { SecretConsumer, WorkerPhase } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { runCommand } from "../process/run-program";
import type { FleetEnvironment } from "../project/fleet-environment";
import { listSecrets } from "../secrets/secret-listing";
import type { ListedSecret } from "../secrets/secret-listing";
import { enterAccount } from "./account";
import { findInstance, withInstanceLock } from "./instance";
import type { LocalInstance } from "./instance";
import { SYSTEM_PLACES } from "./machine";
import { apiListen } from "./ports";
import { readLocalSecrets, writeLocalSecrets } from "./secrets";
import { findProcesses } from "./service-process";
import { LOCAL_SERVICES, serviceNames, stateDirectory, stopPlan } from "./services";
import { stopServices, workerPhase } from "./supervisor";

type Placed = Pick<FleetEnvironment, "name" | "project" | "settings">;

/** The environment's fleet on the local engine, if any of its services runs. */
export async function runningFleet(environment: Placed): Promise<LocalFleet | undefined> {
  const fleet = new LocalFleet(environment, await findInstance(environment));
  return fleet.runningServices().length > 0 ? fleet : undefined;
}

/**
 * The fleet a command applies to: one that runs on the local engine; else, if no Docker engine answers, an existing instance.
 *
 * @param absent Whether to return an instance even if it does not exist.
 */
export async function meantFleet(environment: Placed, absent = false): Promise<LocalFleet | undefined> {
  const fleet = new LocalFleet(environment, await findInstance(environment));
  if (fleet.runningServices().length > 0) return fleet;
  if (!absent && !fleet.instance.exists()) return undefined;
  const engine = await runCommand("docker", ["version", "--format", "{{.Server.Version}}"], { timeout: 10_000 });
  return engine.ok ? undefined : fleet;
}

/** A service of a fleet that is up. */
export interface LocalServiceStatus {
  readonly service: string;
  /** The service's process; undefined when it has ended. */
  readonly process?: { readonly pid: number; readonly started: Date };
  /** The phase a worker reports. */
  readonly phase?: WorkerPhase;
}

/** Operations on a fleet that was brought up on the local engine. */
export class LocalFleet {
  constructor(
    private readonly environment: Placed,
    readonly instance: LocalInstance,
  ) {}

  /** Names of the services with at least one running process. */
  runningServices(): string[] {
    const running = new Set(this.instance.exists() ? findProcesses(this.instance).map(({ service }) => service) : []);
    return LOCAL_SERVICES.filter((name) => running.has(name));
  }

  /** The services that run or should run; empty when none runs. */
  status(): LocalServiceStatus[] {
    const processes = findProcesses(this.instance).filter(({ main }) => main);
    if (processes.length === 0) return [];
    const wanted = serviceNames(this.environment.settings);
    return LOCAL_SERVICES.flatMap((service) => {
      const found = processes.find((process) => process.service === service);
      if (found === undefined) return wanted.includes(service) ? [{ service }] : [];
      const phase = workerPhase(stateDirectory(this.instance, service));
      return [{ service, process: { pid: found.pid, started: found.started }, ...(phase === undefined ? {} : { phase }) }];
    });
  }

  /** `ip:port` of the API. */
  apiListen(): string {
    return apiListen(this.instance, this.environment.settings);
  }

  apiToken(): string | undefined {
    return readLocalSecrets(this.instance, ["api"])
      .find(({ name }) => name === "fleet_api_token")
      ?.content.toString("utf8");
  }

  /** Stops every process; workers first finish their running jobs. Keeps the data. @returns lines about what stays, and how to delete it. */
  async takeDown(): Promise<string[]> {
    const { instance } = this;
    const { name } = this.environment;
    await this.stop();
    return [
      `${name} is down. Kept: everything below ${instance.root}, with database, messages, work trees, login and secrets.`,
      `up again: ${COMMAND_NAME} up ${name} --engine local`,
      `delete for good: ${COMMAND_NAME} down ${name} --purge`,
    ];
  }

  /** Stops every process and deletes all data of the instance. */
  purge(): Promise<void> {
    return this.stop(() => rmSync(this.instance.root, { recursive: true, force: true }));
  }

  private async stop(then: () => void = () => undefined): Promise<void> {
    const { instance } = this;
    const { timeout } = this.environment.settings.stages;
    enterAccount(instance.account);
    await withInstanceLock(instance, async () => {
      await stopServices(instance, stopPlan(this.runningServices(), timeout));
      then();
    });
  }

  /** Signs Codex in; the login stays in the instance. @returns the exit code. */
  login(): Promise<number> {
    const { instance } = this;
    enterAccount(instance.account);
    const tools = readdirSync(instance.at("tools")).map((name) => instance.at("tools", name, "bin"));
    const child = spawn("codex", ["login", "--device-auth"], {
      stdio: "inherit",
      cwd: "/",
      env: { ...process.env, CODEX_HOME: instance.at("codex"), PATH: [...tools, SYSTEM_PLACES.path].join(path.delimiter) },
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
    });
  }

  /** Stores an operator's secret; services read it when they start. @returns lines about what was done. */
  setSecret(consumers: readonly SecretConsumer[], name: string, content: string): string[] {
    const { instance } = this;
    enterAccount(instance.account);
    writeLocalSecrets(
      instance,
      consumers.map((consumer) => ({ consumer, name, content })),
    );
    return [
      ...consumers.map((consumer) => `stored    ${path.join(instance.secrets(consumer), name)}`),
      `services read it when they start: ${COMMAND_NAME} up ${instance.environment} starts those again that need it`,
    ];
  }

  /** The stored secrets; every file belongs to the account. */
  secrets(): ListedSecret[] {
    return listSecrets(readLocalSecrets(this.instance), () => this.instance.account.uid);
  }
}
