import { Command } from "commander";
import { ServiceName } from "../../constructs/resource-names";
import { listContainers, readWorkerPhase } from "../docker/fleet-containers";
import { meantFleet } from "../local/local-fleet";
import { loadEnvironment } from "../project/fleet-environment";

const WORKERS: readonly string[] = [ServiceName.codexWorker, ServiceName.geminiWorker];

/** `codex-fleet ps ENV`: the containers of an environment and what its workers do. */
export function psCommand(): Command {
  return new Command("ps")
    .description("containers of an environment, their health, and whether workers take work")
    .argument("[env]", "name of an environment", "demo")
    .action(async (name: string) => {
      const local = await meantFleet(loadEnvironment(name));
      if (local !== undefined) return local.statusLines().forEach((line) => console.log(line));
      const containers = await listContainers(name);
      if (containers.length === 0) console.log(`${name} is not up: codex-fleet up ${name}`);
      const phases = await Promise.all(containers.map(({ id, service }) => (WORKERS.includes(service) ? readWorkerPhase(id) : undefined)));
      containers.forEach(({ name: container, status }, index) => {
        console.log(`${container.padEnd(44)} ${status.padEnd(32)} ${phases[index]?.replaceAll("_", " ") ?? ""}`.trimEnd());
      });
    });
}
