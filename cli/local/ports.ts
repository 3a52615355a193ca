import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import type { LocalInstance } from "./instance";

/** Ports that no person has to know. The first free ones are chosen and kept from then on. */
export const PORT_NAMES = ["portMapper", "broker", "brokerDistribution", "database", "scriptedModel", "scriptedGithub"] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** The contents of ports.json: the ports and addresses chosen so far. */
type Remembered = Partial<Ports> & {
  /** Where the API listens, and the value of `[api] listen` at that time. */
  readonly api?: { readonly asked: string; readonly given: string };
};

type ApiSettings = Pick<EnvironmentSettings, "api" | "demo">;

/** Where the API of an instance listens: at `[api] listen`, or, in a demonstration, possibly on another free port. */
export function apiListen(instance: LocalInstance, { api }: ApiSettings): string {
  const remembered = readRemembered(instance).api;
  return remembered?.asked === api.listen ? remembered.given : api.listen;
}

/** Port of the scripted GitHub, if one was chosen. */
export function githubPort(instance: LocalInstance): number | undefined {
  return readRemembered(instance).scriptedGithub;
}

/** Whether it is our own API that listens on the API's address. */
export function hasApiAddress(instance: LocalInstance, settings: ApiSettings, apiRuns: boolean): boolean {
  const listen = apiListen(instance, settings);
  return apiRuns && (readRemembered(instance).api?.given ?? listen) === listen;
}

/**
 * Chooses where the API listens. The address of a real fleet is known to clients, so it does not change. A demonstration
 * must be able to run beside another one, so it uses a free port when its own is taken.
 */
export async function chooseApiListen(instance: LocalInstance, settings: ApiSettings, apiRuns: boolean): Promise<string> {
  const listen = apiListen(instance, settings);
  const stays = !settings.demo.scripted_services || hasApiAddress(instance, settings, apiRuns) || (await isListenFree(listen));
  const given = stays ? listen : listen.replace(/\d+$/, String(await freePort()));
  remember(instance, { ...readRemembered(instance), api: { asked: settings.api.listen, given } });
  return given;
}

/**
 * Chooses missing ports, and replaces those that another program has taken meanwhile.
 *
 * @param running Ports on which our own processes listen.
 */
export async function choosePorts(instance: LocalInstance, running: ReadonlySet<PortName>): Promise<Ports> {
  const remembered = readRemembered(instance);
  const chosen: Partial<Record<PortName, number>> = {};
  for (const name of PORT_NAMES) {
    const port = remembered[name];
    const keeps = port !== undefined && (running.has(name) || (await isFree(port)));
    chosen[name] = keeps ? port : await freePort(Object.values(chosen));
  }
  remember(instance, { ...remembered, ...chosen });
  return chosen as Ports;
}

/** A TCP port of the loopback interface on which nobody listens right now. */
export async function freePort(except: readonly number[] = []): Promise<number> {
  for (;;) {
    const port = (await listenOnce(0, "127.0.0.1"))!;
    if (!except.includes(port)) return port;
  }
}

/** Whether a program could listen on an `ip:port` of this machine. */
export async function isListenFree(listen: string): Promise<boolean> {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(listen)!;
  return isFree(Number(port), host);
}

async function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return (await listenOnce(port, host)) !== undefined;
}

async function listenOnce(port: number, host: string): Promise<number | undefined> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  if (!listens) return undefined;
  const { port: got } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return got;
}

function readRemembered(instance: LocalInstance): Remembered {
  try {
    return JSON.parse(readFileSync(instance.at("ports.json"), "utf8")) as Remembered;
  } catch {
    return {};
  }
}

function remember(instance: LocalInstance, remembered: Remembered): void {
  const file = instance.at("ports.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(remembered, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
