import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ContainerLabel } from "../../runtime/contract";

/** An event of a container of the fleet, from `docker events --format '{{json .}}'`. */
export interface ContainerEvent {
  readonly id: string;
  readonly service: string;
  readonly action: "create" | "start" | "kill" | "oom" | "die" | "destroy" | "healthy" | "unhealthy";
  /** With `die` only. */
  readonly exitCode?: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const ACTIONS: Readonly<Record<string, ContainerEvent["action"]>> = {
  create: "create",
  start: "start",
  kill: "kill",
  oom: "oom",
  die: "die",
  destroy: "destroy",
  "health_status: healthy": "healthy",
  "health_status: unhealthy": "unhealthy",
};

/** Parses one line; undefined for irrelevant events, for example each run of a health check. */
export function parseContainerEvent(line: string): ContainerEvent | undefined {
  if (line.trim() === "") return undefined;
  const event = JSON.parse(line) as {
    Type: string;
    Action: string;
    Actor: { ID: string; Attributes: Record<string, string> };
    timeNano: number;
  };
  const action = ACTIONS[event.Action];
  const service = event.Actor.Attributes[ContainerLabel.service];
  if (event.Type !== "container" || action === undefined || service === undefined) return undefined;
  return {
    id: event.Actor.ID,
    service,
    action,
    ...(action === "die" ? { exitCode: Number(event.Actor.Attributes.exitCode) } : {}),
    at: Math.floor(event.timeNano / 1e6),
  };
}

/** Calls `onEvent` for every event of an environment's containers until `stop` is called. */
export function followEvents(environment: string, onEvent: (event: ContainerEvent) => void): { stop: () => void } {
  const child = spawn(
    "docker",
    ["events", "--format", "{{json .}}", "--filter", "type=container", "--filter", `label=${ContainerLabel.environment}=${environment}`],
    // A process group of its own, so that Ctrl-C reaches only this program.
    { stdio: ["ignore", "pipe", "ignore"], detached: true },
  );
  child.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = parseContainerEvent(line);
    if (event !== undefined) onEvent(event);
  });
  return { stop: () => child.kill() };
}
