import type { ServiceProgress, ServiceRow } from "../console/progress-view";
import type { ContainerEvent } from "./container-event";
import type { FleetContainer } from "./fleet-containers";

/** A container that has failed, so that waiting longer is useless. */
export interface ServiceFailure {
  readonly id: string;
  readonly service: string;
  readonly cause: { readonly kind: "exited"; readonly exitCode: number; readonly outOfMemory: boolean } | { readonly kind: "unhealthy" };
}

export interface Step {
  readonly progress: ServiceProgress;
  /** The row that changed. */
  readonly row?: ServiceRow;
  readonly failure?: ServiceFailure;
}

/**
 * Rows for containers that exist before the deployment begins. One that runs, or that the engine keeps restarting, does
 * not belong to the deployment; a stopped one has no row, because the deployment may start it.
 */
export function initialProgress(containers: readonly FleetContainer[], now: number): ServiceProgress {
  const moving = containers.filter(({ state }) => state === "running" || state === "restarting");
  return new Map(
    moving.map(({ id, service, state }) => [
      id,
      { id, service, state: state === "running" ? "healthy" : "stopped", fresh: false, outOfMemory: false, since: now, changed: now },
    ]),
  );
}

/**
 * Applies an event. A container that ends without being told to stop has failed, even with exit code 0: the engine would
 * just restart it.
 */
export function advance(progress: ServiceProgress, event: ContainerEvent): Step {
  const before = progress.get(event.id);
  const known = before ?? {
    id: event.id,
    service: event.service,
    state: "healthy",
    fresh: false,
    outOfMemory: false,
    since: event.at,
    changed: event.at,
  };
  const failure = failureOf(known, event);
  const row = failure === undefined ? changed(known, event) : { ...known, state: "failed" as const, changed: event.at };
  if (row === known) return { progress };
  const next = new Map(progress).set(event.id, row);
  return { progress: next, ...(row.state === before?.state ? {} : { row }), ...(failure === undefined ? {} : { failure }) };
}

function failureOf(row: ServiceRow, event: ContainerEvent): ServiceFailure | undefined {
  if (!row.fresh || row.state === "stopping" || row.state === "failed") return undefined;
  if (event.action === "die") {
    return { id: row.id, service: row.service, cause: { kind: "exited", exitCode: event.exitCode ?? -1, outOfMemory: row.outOfMemory } };
  }
  if (event.action === "unhealthy") return { id: row.id, service: row.service, cause: { kind: "unhealthy" } };
  return undefined;
}

function changed(row: ServiceRow, event: ContainerEvent): ServiceRow {
  switch (event.action) {
    case "create":
      return { ...row, state: "created", fresh: true, since: event.at, changed: event.at };
    case "start":
      // Ignore it when the engine restarts a crashed container that this deployment did not start.
      return row.state === "failed" || (row.state === "stopped" && !row.fresh)
        ? row
        : { ...row, state: "starting", fresh: true, changed: event.at };
    case "healthy":
      return row.fresh && row.state !== "failed" ? { ...row, state: "healthy", changed: event.at } : row;
    case "kill":
      return { ...row, state: "stopping", since: row.state === "stopping" ? row.since : event.at, changed: event.at };
    case "die":
      return { ...row, state: "stopped", changed: event.at };
    case "destroy":
      return { ...row, state: "removed", changed: event.at };
    case "oom":
      return { ...row, outOfMemory: true };
    default:
      return row;
  }
}
