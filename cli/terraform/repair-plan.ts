import { ContainerLabel } from "../../runtime/contract";
import type { FleetState, NetworkMembership } from "./fleet-state";

/** Containers and networks of an environment on the engine. */
export interface EngineInventory {
  readonly containers: readonly FoundContainer[];
  /** Every network with a name of the environment; several networks may have the same name. */
  readonly networks: readonly FoundNetwork[];
}

export interface FoundContainer {
  readonly id: string;
  readonly name: string;
  /** "running", "paused", "exited", … */
  readonly state: string;
  /** Ids of the container's networks, by name. */
  readonly networks: Readonly<Record<string, string>>;
}

export interface FoundNetwork {
  readonly id: string;
  readonly name: string;
}

/** A repair of something that would make Terraform fail, or that Terraform would not notice. */
export type Repair =
  /** The container is in no state: Terraform was killed after it had created it and before it saved its state. */
  | { readonly kind: "remove leftover"; readonly container: FoundContainer }
  /** The container cannot start any more because its network is gone; Terraform creates it again. */
  | { readonly kind: "remove unconnectable"; readonly container: FoundContainer; readonly network: string }
  | { readonly kind: "remove network"; readonly network: FoundNetwork }
  | { readonly kind: "connect"; readonly container: FoundContainer; readonly network: NetworkMembership }
  | { readonly kind: "resume"; readonly container: FoundContainer };

export type RepairPlan =
  | { readonly kind: "own"; readonly repairs: readonly Repair[] }
  /** Another checkout created these; this one must not touch them. */
  | { readonly kind: "foreign"; readonly networks: readonly FoundNetwork[]; readonly containers: readonly FoundContainer[] };

/**
 * Compares Terraform's state with the engine.
 *
 * A container that is not in the state is a leftover only if every network of the environment is in this state: then
 * nobody else deploys the environment to this engine. A network that is not in the state is a leftover only if no such
 * container exists (containers are created after all networks are in the state), and only in a project that claimed it.
 */
export function planRepairs(state: FleetState, { containers, networks }: EngineInventory): RepairPlan {
  const strayContainers = containers.filter(({ id }) => !state.containers.has(id));
  const strayNetworks = networks.filter(({ id }) => !state.networks.has(id));
  const owned = networks.length > 0 && strayNetworks.length === 0;
  if ((strayContainers.length > 0 && !owned) || (strayNetworks.length > 0 && !state.claimed))
    return { kind: "foreign", networks: strayNetworks, containers: strayContainers };
  return {
    kind: "own",
    repairs: [
      ...strayContainers.map((container): Repair => ({ kind: "remove leftover", container })),
      ...strayNetworks.map((network): Repair => ({ kind: "remove network", network })),
      ...containers.flatMap((container) => mend(container, state.containers.get(container.id) ?? [], networks)),
    ],
  };
}

function mend(container: FoundContainer, memberships: readonly NetworkMembership[], networks: readonly FoundNetwork[]): Repair[] {
  const gone = memberships.find(({ name }) => {
    const id = container.networks[name];
    return id !== undefined && id !== "" && !networks.some((network) => network.id === id);
  });
  if (gone !== undefined) return [{ kind: "remove unconnectable", container, network: gone.name }];
  return [
    ...(container.state === "paused" ? [{ kind: "resume" as const, container }] : []),
    ...memberships
      .filter(({ name }) => container.networks[name] === undefined && networks.some((network) => network.name === name))
      .map((network) => ({ kind: "connect" as const, container, network })),
  ];
}

/** The fix for a fleet of the same name that another checkout deployed to this engine. */
export function foreignFix(environment: string, networks: readonly string[]): string {
  const containers = `docker ps -aq --filter label=${ContainerLabel.environment}=${environment}`;
  const removeNetworks = networks.length === 0 ? "" : `; docker network rm ${networks.join(" ")}`;
  return (
    `work in the checkout that made them, give this environment another name, or, where that checkout and its state are gone, ` +
    `remove what is left of it (volumes stay, and are taken over): ${containers} | xargs -r docker rm -f${removeNetworks}`
  );
}
