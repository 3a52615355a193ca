import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { docker } from "../docker/docker";
import { stackDirectory } from "./synthesis";

/** What Terraform has made of an environment, by the engine's ids. */
export interface FleetState {
  /** Whether this project has deployed the environment, or has begun to. */
  readonly claimed: boolean;
  readonly networks: ReadonlySet<string>;
  /** Names. */
  readonly volumes: ReadonlySet<string>;
  /** Containers, those about to be replaced included, with the networks each belongs to. */
  readonly containers: ReadonlyMap<string, readonly NetworkMembership[]>;
}

export interface NetworkMembership {
  /** Name of the network. */
  readonly name: string;
  readonly aliases: readonly string[];
}

/**
 * Where Terraform keeps the state of a stack on this machine; undefined when another backend keeps it.
 *
 * @see StateBackend
 */
export function stateFile(
  { project, settings: { backend } }: Pick<FleetEnvironment, "project" | "settings">,
  stack: string,
): string | undefined {
  if (backend.type !== "local") return undefined;
  const { path: file } = backend as { readonly path?: string };
  const name = file ?? "../../../terraform.{stack}.tfstate";
  return path.resolve(stackDirectory({ project }, stack), name.replaceAll("{stack}", stack));
}

/** What the state files of both stacks hold; undefined when the backend is not on this machine. */
export function readFleetState(environment: FleetEnvironment): FleetState | undefined {
  const { dataStack, fleetStack } = environment.names;
  const [data, fleet] = [dataStack, fleetStack].map((stack) => stateFile(environment, stack));
  if (data === undefined || fleet === undefined) return undefined;
  return { claimed: existsSync(data), ...parseFleetState(readText(data), readText(fleet)) };
}

/** Whether everything the data stack's state knows is on the engine; false where another backend keeps the state. */
export async function stateIsComplete(environment: FleetEnvironment): Promise<boolean> {
  const state = readFleetState(environment);
  if (state === undefined || state.networks.size === 0) return false;
  const [networks, volumes] = await Promise.all([docker(["network", "ls", "--no-trunc", "--quiet"]), docker(["volume", "ls", "--quiet"])]);
  const found = new Set([...networks.split("\n"), ...volumes.split("\n")]);
  return [...state.networks, ...state.volumes].every((id) => found.has(id));
}

/**
 * Says that this project deploys the environment, before anything is made that a state could tell: an empty state is what
 * Terraform begins with.
 */
export function claimEnvironment(environment: FleetEnvironment): void {
  const { dataStack, fleetStack } = environment.names;
  for (const file of [dataStack, fleetStack].map((stack) => stateFile(environment, stack)))
    if (file !== undefined && !existsSync(file)) writeFileSync(file, "", { mode: 0o600 });
}

/**
 * @param data State of the data stack; empty when nothing was made yet.
 * @param fleet State of the fleet's stack.
 * @throws OperatorError when a state has a form that is not known.
 */
export function parseFleetState(data: string, fleet: string): Omit<FleetState, "claimed"> {
  const containers = instancesOf(fleet, "docker_container").map(({ id, networks_advanced: networks = [] }) => {
    const memberships = (networks as { name: string; aliases: string[] | null }[]).map(({ name, aliases }) => ({
      name,
      aliases: aliases ?? [],
    }));
    return [id, memberships] as const;
  });
  return {
    networks: new Set(instancesOf(data, "docker_network").map(({ id }) => id)),
    volumes: new Set(instancesOf(data, "docker_volume").map(({ id }) => id)),
    containers: new Map(containers),
  };
}

type Attributes = Readonly<Record<string, unknown>> & { readonly id: string };

function instancesOf(text: string, type: string): Attributes[] {
  if (text.trim() === "") return [];
  const state = JSON.parse(text) as {
    readonly version: number;
    readonly resources?: readonly { readonly type: string; readonly instances: readonly { readonly attributes: Attributes }[] }[];
  };
  if (state.version !== 4)
    throw new OperatorError(`terraform's state has version ${state.version}, and 4 is what this version of the fleet reads`);
  return (state.resources ?? [])
    .filter((resource) => resource.type === type)
    .flatMap(({ instances }) => instances.map((each) => each.attributes));
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
