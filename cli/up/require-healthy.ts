import { setTimeout as sleep } from "node:timers/promises";
import { reportFailure } from "../docker/failure-report";
import { output } from "../console/output";
import { docker } from "../docker/docker";
import { isHealthy, isStarting, listContainers } from "../docker/fleet-containers";
import type { FleetContainer } from "../docker/fleet-containers";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";

/**
 * How long to wait for containers, in milliseconds. Starting ones: the longest start period of a service. Unhealthy ones:
 * the engine's next restart and a start, because a service they need may have come back only now.
 */
const PATIENCE = { starting: 150_000, ill: 45_000 } as const;

/**
 * Waits until every container is healthy; a deployment without changes does not notice unhealthy ones.
 *
 * @returns the number of containers.
 * @throws OperatorError after it has reported the reason and the last log lines of each container that is not healthy.
 */
export async function requireHealthy({ name }: FleetEnvironment): Promise<number> {
  const began = Date.now();
  let said = false;
  for (;;) {
    const containers = await listContainers(name);
    const ill = containers.filter((container) => !isHealthy(container));
    if (ill.length === 0) return containers.length;
    const patience = ill.every(isStarting) ? PATIENCE.starting : ill.every(mayRecover) ? PATIENCE.ill : 0;
    const names = ill.map((container) => `${container.name} (${container.status})`).join(", ");
    if (Date.now() - began >= patience) {
      for (const container of ill) for (const line of await report(container)) output().line(line);
      throw new OperatorError(`not every container of ${name} is healthy: ${names}`, 1);
    }
    if (!said) output().line(`waiting for ${names}`);
    said = true;
    await sleep(1000);
  }
}

function mayRecover({ state }: FleetContainer): boolean {
  return state === "running" || state === "restarting";
}

async function report({ id, service, state }: FleetContainer): Promise<string[]> {
  const exitCode = Number(await docker(["inspect", "--format", "{{.State.ExitCode}}", id]));
  return reportFailure({
    id,
    service,
    cause: state === "running" ? { kind: "unhealthy" } : { kind: "exited", exitCode, outOfMemory: false },
  });
}
