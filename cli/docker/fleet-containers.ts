import { ContainerLabel, ImageLayout, StateFile, WorkerPhase } from "../../runtime/contract";
import { runCommand } from "../process/run-program";
import { docker } from "./docker";

/** A container of an environment as the engine lists it. */
export interface FleetContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** "running", "restarting", "exited", … */
  readonly state: string;
  /** The engine's text: "Up 3 minutes (healthy)". */
  readonly status: string;
}

export async function listContainers(environment: string): Promise<FleetContainer[]> {
  const text = await docker([
    "ps",
    "--all",
    "--no-trunc",
    "--format",
    "{{json .}}",
    "--filter",
    `label=${ContainerLabel.environment}=${environment}`,
  ]);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const entry = JSON.parse(line) as { ID: string; Names: string; Labels: string; State: string; Status: string };
      const service = new RegExp(`(?:^|,)${ContainerLabel.service}=([^,]*)`).exec(entry.Labels)?.[1] ?? entry.Names;
      return { id: entry.ID, name: entry.Names, service, state: entry.State, status: entry.Status };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

export function isHealthy({ state, status }: FleetContainer): boolean {
  return state === "running" && status.includes("(healthy)");
}

export function isStarting({ state, status }: FleetContainer): boolean {
  return state === "running" && status.includes("(health: starting)");
}

/** The phase in a worker's state file; undefined when it cannot be read. */
export async function readWorkerPhase(container: string): Promise<WorkerPhase | undefined> {
  const { stdout } = await runCommand("docker", ["exec", container, "cat", `${ImageLayout.state}/${StateFile.phase}`]);
  return WorkerPhase.safeParse(stdout.toString("utf8").trim()).data;
}
