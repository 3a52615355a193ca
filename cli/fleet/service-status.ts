import { ServiceName } from "../../constructs/resource-names";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { readContainerStates } from "../docker/container-state";
import { listContainers, readWorkerPhase } from "../docker/fleet-containers";
import { meantFleet } from "../local/local-fleet";
import type { LocalServiceStatus } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";

/** One service of an environment: a container, or a process of the local engine. */
export interface ServiceStatus {
  readonly service: string;
  readonly engine: "docker" | "local";
  readonly container: string | null;
  readonly process: number | null;
  readonly state: string;
  readonly health: string | null;
  readonly phase: string | null;
  readonly since: string | null;
  readonly ok: boolean;
}

/** The meaning of every field; docs/command-line.md prints it. */
export const STATUS_FIELDS: Readonly<Record<keyof ServiceStatus, string>> = {
  service: "name of the service; a worker with several replicas is listed once for each",
  engine: "`docker` or `local`",
  container: "name of its container; null on the local engine and for an absent container",
  process: "id of its process on the local engine, else null",
  state:
    "`running`, `restarting`, `paused`, `exited` … as the engine says; `absent` when the environment declares it and it does not exist; `ended` for a process that ended by itself",
  health: "`starting`, `healthy` or `unhealthy`; null without a health check",
  phase: "the phase a worker reports: `starting`, `waiting_for_login`, `consuming`, `suspended`, `stopping`; null for other services",
  since: "since when it is in this state, ISO 8601; null when it does not exist",
  ok: "whether it runs and is healthy, if it has a health check; exit code 3 when this is false for any service",
};

const WORKERS: readonly string[] = [ServiceName.codexWorker, ServiceName.geminiWorker];

/** The engine of an environment and its services, including missing ones; no services when the fleet is down. */
export interface FleetStatus {
  readonly engine: ServiceStatus["engine"];
  readonly services: readonly ServiceStatus[];
}

export async function readStatus(environment: FleetEnvironment): Promise<FleetStatus> {
  const local = await meantFleet(environment);
  if (local === undefined) return { engine: "docker", services: await dockerStatus(environment) };
  return { engine: "local", services: local.status().map(localStatus) };
}

function localStatus({ service, process, phase }: LocalServiceStatus): ServiceStatus {
  return {
    ...{ service, engine: "local", container: null, process: process?.pid ?? null, state: process === undefined ? "ended" : "running" },
    ...{ health: null, phase: phase ?? null, since: process?.started.toISOString() ?? null, ok: process !== undefined },
  };
}

async function dockerStatus({ name, settings }: FleetEnvironment): Promise<ServiceStatus[]> {
  const containers = await listContainers(name);
  if (containers.length === 0) return [];
  const states = await readContainerStates(containers.map(({ id }) => id));
  const present = await Promise.all(
    containers.map(async ({ id, name: container, service, state: listed }): Promise<ServiceStatus> => {
      const { state, health, since } = states.get(id) ?? { state: listed, health: null, since: null };
      const phase = WORKERS.includes(service) && state === "running" ? ((await readWorkerPhase(id)) ?? null) : null;
      return { service, engine: "docker", container, process: null, state, health, phase, since, ok: isWell(state, health) };
    }),
  );
  return [...present, ...absentServices(settings, present)];
}

/** A container whose health check is still starting is not ok: a caller that waits for the fleet asks again. */
function isWell(state: string, health: string | null): boolean {
  return state === "running" && (health === null || health === "healthy");
}

/** Services that an environment declares, one entry per container. */
export function declaredServices({
  broker,
  database,
  demo,
  workers,
}: Pick<EnvironmentSettings, "broker" | "database" | "demo" | "workers">): string[] {
  return [
    ...(broker.url === undefined ? [ServiceName.broker] : []),
    ...(database.host === undefined ? [ServiceName.database] : []),
    ServiceName.api,
    ...Array<string>(workers.codex.replicas).fill(ServiceName.codexWorker),
    ...Array<string>(workers.gemini.replicas).fill(ServiceName.geminiWorker),
    ...(demo.scripted_services ? [ServiceName.scriptedModel, ServiceName.scriptedGithub] : []),
  ];
}

function absentServices(settings: EnvironmentSettings, present: readonly ServiceStatus[]): ServiceStatus[] {
  const left = present.map(({ service }) => service);
  return declaredServices(settings).flatMap((service): ServiceStatus[] => {
    const place = left.indexOf(service);
    if (place >= 0) left.splice(place, 1);
    if (place >= 0) return [];
    const nothing = { container: null, process: null, health: null, phase: null, since: null };
    return [{ service, engine: "docker", ...nothing, state: "absent", ok: false }];
  });
}
