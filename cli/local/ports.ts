import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import type { LocalInstance } from "./instance";

/** Ports nobody has to know: the first free ones, the same ones from then on. */
export const PORT_NAMES = ["portMapper", "broker", "brokerDistribution", "database", "scriptedModel", "scriptedGithub"] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** What is written down in an instance, as far as it was chosen. */
type Remembered = Partial<Ports> & {
  /** Where the API listens, and what `[api] listen` was then. */
  readonly api?: { readonly asked: string; readonly given: string };
};

type ApiSettings = Pick<EnvironmentSettings, "api" | "demo">;

/** Where the API of an instance listens: as its environment says, or in a demonstration also somewhere else that was free. */
export function apiListen(instance: LocalInstance, { api }: ApiSettings): string {
  const remembered = readRemembered(instance).api;
  return remembered?.asked === api.listen ? remembered.given : api.listen;
}

/** Port of the scripted GitHub, when one was chosen. */
export function githubPort(instance: LocalInstance): number | undefined {
  return readRemembered(instance).scriptedGithub;
}

/** Whether what listens on the API's address is our own API. */
export function hasApiAddress(instance: LocalInstance, settings: ApiSettings, apiRuns: boolean): boolean {
  const listen = apiListen(instance, settings);
  return apiRuns && (readRemembered(instance).api?.given ?? listen) === listen;
}

/**
 * Chooses where the API listens. Somebody knows the address of a real fleet, so that stays as it is; a demonstration has to
 * come up beside another one, so it takes a free port when its own is taken.
 */
export async function chooseApiListen(instance: LocalInstance, settings: ApiSettings, apiRuns: boolean): Promise<string> {
  const listen = apiListen(instance, settings);
  const stays = !settings.demo.scripted_services || hasApiAddress(instance, settings, apiRuns) || (await isListenFree(listen));
  const given = stays ? listen : listen.replace(/\d+$/, String(await freePort()));
  remember(instance, { ...readRemembered(instance), api: { asked: settings.api.listen, given } });
  return given;
}

/**
 * Chooses the ports that are missing, and anew those that another program has taken meanwhile.
 *
 * @param running Ports our own processes listen on.
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

/** A TCP port of the loopback interface that nobody listens on right now. */
export async function freePort(except: readonly number[] = []): Promise<number> {
  for (;;) {
    const port = (await listenOnce(0, "127.0.0.1"))!;
    if (!except.includes(port)) return port;
  }
}

/** Whether an `ip:port` of this machine can be listened on. */
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
