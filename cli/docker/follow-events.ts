import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ContainerLabel } from "../../runtime/contract";
import { parseContainerEvent } from "./container-event";
import type { ContainerEvent } from "./container-event";

/** Calls back with everything that happens to the containers of an environment, until it is told to stop. */
export function followEvents(environment: string, onEvent: (event: ContainerEvent) => void): { stop: () => void } {
  const child = spawn(
    "docker",
    ["events", "--format", "{{json .}}", "--filter", "type=container", "--filter", `label=${ContainerLabel.environment}=${environment}`],
    // Its own process group: Ctrl-C is for us to handle.
    { stdio: ["ignore", "pipe", "ignore"], detached: true },
  );
  child.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = parseContainerEvent(line);
    if (event !== undefined) onEvent(event);
  });
  return { stop: () => child.kill() };
}
