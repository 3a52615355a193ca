import { setTimeout as sleep } from "node:timers/promises";
import { reportFailure } from "../deployment/failure-report";
import { docker } from "../engine/docker";
import { isHealthy, isStarting, listContainers } from "../engine/fleet-containers";
import type { FleetContainer } from "../engine/fleet-containers";
import type { FleetEnvironment } from "../fleet-environment";
import { OperatorError } from "../operator-error";

/** How long containers that are starting are waited for, in milliseconds: the longest start period of a service. */
const START = 150_000;

/**
 * Looks at every container: a deployment that had nothing to change says nothing about those that are ill.
 *
 * @returns how many there are.
 * @throws OperatorError after the reason and the last lines of each that is not healthy.
 */
export async function requireHealthy({ name }: FleetEnvironment): Promise<number> {
  const deadline = Date.now() + START;
  let containers = await listContainers(name);
  while (containers.some(isStarting) && containers.every((each) => isHealthy(each) || isStarting(each)) && Date.now() < deadline) {
    await sleep(1000);
    containers = await listContainers(name);
  }
  const ill = containers.filter((container) => !isHealthy(container));
  if (ill.length === 0) return containers.length;
  for (const container of ill) for (const line of await report(container)) console.log(line);
  const names = ill.map((container) => `${container.name} (${container.status})`).join(", ");
  throw new OperatorError(`not every container of ${name} is healthy: ${names}`, 1);
}

async function report({ id, service, state }: FleetContainer): Promise<string[]> {
  const exitCode = Number(await docker(["inspect", "--format", "{{.State.ExitCode}}", id]));
  return reportFailure({
    id,
    service,
    cause: state === "running" ? { kind: "unhealthy" } : { kind: "exited", exitCode, outOfMemory: false },
  });
}
