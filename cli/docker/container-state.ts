import { runCommand } from "../process/run-program";

/** What the engine knows of a container at this moment. */
export interface ContainerCondition {
  /** "running", "restarting", "exited", … */
  readonly state: string;
  /** "starting", "healthy" or "unhealthy"; null for a container without a health check, and for one that does not run. */
  readonly health: string | null;
  /** When it came into this state, ISO 8601; null for one that has never been started. */
  readonly since: string | null;
}

interface Inspected {
  readonly Status: string;
  readonly Running: boolean;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: { readonly Status: string };
}

/** Conditions of containers by id; one that is gone by now has none. */
export async function readContainerStates(ids: readonly string[]): Promise<ReadonlyMap<string, ContainerCondition>> {
  if (ids.length === 0) return new Map();
  // Its exit code is 1 when one of them is gone; the others are answered all the same.
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

/** The engine writes the year 1 for what has never been. */
export function conditionOf({ Status, Running, StartedAt, FinishedAt, Health }: Inspected): ContainerCondition {
  const at = Running ? StartedAt : FinishedAt;
  return {
    state: Status,
    health: Running && Health !== undefined && Health.Status !== "none" ? Health.Status : null,
    since: at.startsWith("0001-") ? null : new Date(at).toISOString(),
  };
}
