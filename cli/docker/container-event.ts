import { ContainerLabel } from "../../runtime/contract";

/** What happened to a container of the fleet, as `docker events --format '{{json .}}'` tells it. */
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

/** The event of one line; undefined for what is of no interest, for example each run of a health check. */
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
