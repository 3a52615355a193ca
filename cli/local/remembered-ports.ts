import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { freePort, isFree } from "./free-port";
import type { LocalInstance } from "./instance";

/** Ports nobody has to know: the first free ones, the same ones from then on. */
export const PORT_NAMES = ["portMapper", "broker", "brokerDistribution", "database", "scriptedModel", "scriptedGithub"] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** The ports of an instance, as far as they were chosen. */
export function readPorts(instance: LocalInstance): Partial<Ports> {
  try {
    return JSON.parse(readFileSync(instance.at("ports.json"), "utf8")) as Partial<Ports>;
  } catch {
    return {};
  }
}

/**
 * Chooses what is missing, and anew what another program has taken meanwhile.
 *
 * @param running Ports our own processes listen on.
 */
export async function choosePorts(instance: LocalInstance, running: ReadonlySet<PortName>): Promise<Ports> {
  const remembered = readPorts(instance);
  const chosen: Partial<Record<PortName, number>> = {};
  for (const name of PORT_NAMES) {
    const port = remembered[name];
    const keeps = port !== undefined && (running.has(name) || (await isFree(port)));
    chosen[name] = keeps ? port : await otherThan(Object.values(chosen));
  }
  const file = instance.at("ports.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(chosen, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return chosen as Ports;
}

async function otherThan(taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (!taken.includes(port)) return port;
  }
}
