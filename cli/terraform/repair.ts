import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { readFleetState } from "./fleet-state";
import { foreignFix, planRepairs } from "./repair-plan";
import type { EngineInventory, Repair } from "./repair-plan";

/**
 * Finds what would make Terraform fail, or what it would not notice: containers and networks that a killed Terraform did
 * not save in its state, paused containers, containers disconnected from a network. Returns nothing when the backend is
 * not local, because another machine may be deploying. Changes nothing.
 *
 * @throws OperatorError when the containers or networks belong to another checkout.
 */
export async function findRepairs(environment: FleetEnvironment): Promise<readonly Repair[]> {
  const state = readFleetState(environment);
  if (state === undefined) return [];
  const plan = planRepairs(state, await takeInventory(environment));
  if (plan.kind === "own") return plan.repairs;
  const made = [...plan.networks, ...plan.containers].map(({ name }) => name).join(", ");
  throw new OperatorError(
    `${made}: unknown to Terraform's state of this checkout, nothing was changed; ${foreignFix(
      environment.name,
      plan.networks.map(({ name }) => name),
    )}`,
  );
}

/** Carries out repairs; removes networks last, because containers may be connected to them. */
export async function carryOutRepairs(repairs: readonly Repair[], say: (line: string) => void): Promise<void> {
  await Promise.all(repairs.filter(({ kind }) => kind !== "remove network").map((repair) => carryOut(repair, say)));
  await Promise.all(repairs.filter(({ kind }) => kind === "remove network").map((repair) => carryOut(repair, say)));
}

async function takeInventory({ name, names }: FleetEnvironment): Promise<EngineInventory> {
  const wanted: readonly string[] = Object.values(names.networks);
  const [containers, networks] = await Promise.all([
    listContainers(name),
    docker(["network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}"]),
  ]);
  const attached = await attachedNetworks(containers.map(({ id }) => id));
  return {
    containers: containers.map((container) => ({ ...container, networks: attached.get(container.id) ?? {} })),
    networks: networks
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, network]) => wanted.includes(network!))
      .map(([id, network]) => ({ id: id!, name: network! })),
  };
}

async function attachedNetworks(ids: readonly string[]): Promise<ReadonlyMap<string, Record<string, string>>> {
  if (ids.length === 0) return new Map();
  const text = await docker(["inspect", "--format", "{{.Id}} {{json .NetworkSettings.Networks}}", ...ids]);
  return new Map(
    text.split("\n").map((line) => {
      const separator = line.indexOf(" ");
      const networks = JSON.parse(line.slice(separator + 1)) as Record<string, { readonly NetworkID: string }>;
      return [line.slice(0, separator), Object.fromEntries(Object.entries(networks).map(([name, { NetworkID }]) => [name, NetworkID]))];
    }),
  );
}

async function carryOut(repair: Repair, say: (line: string) => void): Promise<void> {
  switch (repair.kind) {
    case "remove leftover":
      say(`removing ${repair.container.name}: an interrupted deployment left it and Terraform's state does not have it`);
      return removeContainer(repair.container.id);
    case "remove unconnectable":
      say(`removing ${repair.container.name}: its network ${repair.network} is gone, Terraform creates it again`);
      return removeContainer(repair.container.id);
    case "remove network":
      say(`removing the network ${repair.network.name}: an interrupted deployment left it and Terraform's state does not have it`);
      return void (await docker(["network", "rm", repair.network.id]));
    case "resume":
      say(`resuming ${repair.container.name}: it was paused`);
      return void (await docker(["unpause", repair.container.id]));
    case "connect": {
      say(`connecting ${repair.container.name} to ${repair.network.name}: it was disconnected`);
      const aliases = repair.network.aliases.flatMap((alias) => ["--alias", alias]);
      return void (await docker(["network", "connect", ...aliases, repair.network.name, repair.container.id]));
    }
  }
}

/** Removes a container after its full grace period: it may have an open database or a running job. */
async function removeContainer(id: string): Promise<void> {
  await docker(["stop", id]);
  await docker(["rm", "--force", id]);
}
