import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { docker } from "../docker/docker";
import { stackDirectory } from "./synthesis";

/** What Terraform's state of an environment contains, by the engine's ids. */
export interface FleetState {
  /** Whether this project has deployed the environment, or has started to. */
  readonly claimed: boolean;
  readonly networks: ReadonlySet<string>;
  /** Names. */
  readonly volumes: ReadonlySet<string>;
  /** Containers, including those to be replaced (deposed), with the networks of each. */
  readonly containers: ReadonlyMap<string, readonly NetworkMembership[]>;
}

export interface NetworkMembership {
  /** Name of the network. */
  readonly name: string;
  readonly aliases: readonly string[];
}

/**
 * The file of a stack's state on this machine; undefined for another backend than local.
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

/** The contents of both stacks' state files; undefined when the backend is not local. */
export function readFleetState(environment: FleetEnvironment): FleetState | undefined {
  const { dataStack, fleetStack } = environment.names;
  const [data, fleet] = [dataStack, fleetStack].map((stack) => stateFile(environment, stack));
  if (data === undefined || fleet === undefined) return undefined;
  return { claimed: existsSync(data), ...parseFleetState(readText(data), readText(fleet)) };
}

/** Whether the engine has everything in the data stack's state; false when the backend is not local. */
export async function stateIsComplete(environment: FleetEnvironment): Promise<boolean> {
  const state = readFleetState(environment);
  if (state === undefined || state.networks.size === 0) return false;
  const [networks, volumes] = await Promise.all([docker(["network", "ls", "--no-trunc", "--quiet"]), docker(["volume", "ls", "--quiet"])]);
  const found = new Set([...networks.split("\n"), ...volumes.split("\n")]);
  return [...state.networks, ...state.volumes].every((id) => found.has(id));
}

/**
 * Marks that this project deploys the environment, before the state has any resource: creates empty state files, with
 * which Terraform can begin.
 */
export function claimEnvironment(environment: FleetEnvironment): void {
  const { dataStack, fleetStack } = environment.names;
  for (const file of [dataStack, fleetStack].map((stack) => stateFile(environment, stack)))
    if (file !== undefined && !existsSync(file)) writeFileSync(file, "", { mode: 0o600 });
}

/**
 * @param data State of the data stack; empty when nothing was made yet.
 * @param fleet State of the fleet's stack.
 * @throws OperatorError when a state has an unknown version.
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
  if (state.version !== 4) throw new OperatorError(`terraform's state has version ${state.version}, but codex-fleet reads version 4`);
  return (state.resources ?? [])
    .filter((resource) => resource.type === type)
    .flatMap(({ instances }) => instances.map((each) => each.attributes));
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
