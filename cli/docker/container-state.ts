import { runCommand } from "../process/run-program";

/** The current condition of a container. */
export interface ContainerCondition {
  /** "running", "restarting", "exited", … */
  readonly state: string;
  /** "starting", "healthy" or "unhealthy"; null for a container that has no health check or does not run. */
  readonly health: string | null;
  /** When it entered this state, ISO 8601; null for a container that was never started. */
  readonly since: string | null;
}

interface Inspected {
  readonly Status: string;
  readonly Running: boolean;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: { readonly Status: string };
}

/** Conditions of containers by id; a container that no longer exists has none. */
export async function readContainerStates(ids: readonly string[]): Promise<ReadonlyMap<string, ContainerCondition>> {
  if (ids.length === 0) return new Map();
  // Ignore the exit code: it is 1 when one container is gone, but the output has the others.
  const { stdout } = await runCommand("docker", ["inspect", "--type", "container", "--format", "{{.Id}} {{json .State}}", ...ids]);
  const lines = stdout.toString("utf8").split("\n");
  return new Map(
    lines.flatMap((line) => {
      const separator = line.indexOf(" ");
      if (separator < 0) return [];
      return [[line.slice(0, separator), conditionOf(JSON.parse(line.slice(separator + 1)) as Inspected)] as const];
    }),
  );
}

/** The engine reports a time that never was as year 1. */
export function conditionOf({ Status, Running, StartedAt, FinishedAt, Health }: Inspected): ContainerCondition {
  const at = Running ? StartedAt : FinishedAt;
  return {
    state: Status,
    health: Running && Health !== undefined && Health.Status !== "none" ? Health.Status : null,
    since: at.startsWith("0001-") ? null : new Date(at).toISOString(),
  };
}
