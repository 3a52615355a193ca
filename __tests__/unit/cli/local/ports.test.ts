import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Environment } from "../../../../constructs/environment";
import { LocalInstance } from "../../../../cli/local/instance";
import { apiListen, chooseApiListen, choosePorts, freePort, githubPort, hasApiAddress, PORT_NAMES } from "../../../../cli/local/ports";

let directory: string;
let instance: LocalInstance;
let taken: number;
const other = createServer();

beforeAll(async () => {
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  taken = (other.address() as AddressInfo).port;
});

afterAll(() => other.close());

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ports-"));
  instance = new LocalInstance(
    "dev",
    "/project",
    { uid: 1, gid: 1, name: "ada", dataHome: directory, cacheHome: "/cache", change: false },
    directory,
  );
});

afterEach(() => rmSync(directory, { recursive: true }));

function settings(listen: string, scripted: boolean) {
  const input = { embedding: { provider: "none" }, api: { listen }, demo: { scripted_services: scripted } } as const;
  return Environment.fromSettings(input).settings;
}

test("a real fleet's API keeps the address of its setting, even if another program uses it", async () => {
  const dev = settings(`127.0.0.1:${taken}`, false);
  expect(await chooseApiListen(instance, dev, false)).toBe(`127.0.0.1:${taken}`);
  expect(apiListen(instance, dev)).toBe(`127.0.0.1:${taken}`);
});

test("a demonstration's API takes its own port when that is free", async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  expect(await chooseApiListen(instance, settings(listen, true), false)).toBe(listen);
});

test("else it takes another one, and keeps that until the setting changes", async () => {
  const demo = settings(`127.0.0.1:${taken}`, true);
  const given = await chooseApiListen(instance, demo, false);
  expect(given).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(given).not.toBe(demo.api.listen);
  expect(apiListen(instance, demo)).toBe(given);
  expect(await chooseApiListen(instance, demo, false)).toBe(given);
  const changed = settings(`127.0.0.1:${await freePort()}`, true);
  expect(apiListen(instance, changed)).toBe(changed.api.listen);
  expect(await chooseApiListen(instance, changed, true)).toBe(changed.api.listen);
});

test("our own API does not count as another program", async () => {
  const demo = settings(`127.0.0.1:${taken}`, true);
  // Brought up by a version that did not store addresses.
  expect([hasApiAddress(instance, demo, true), hasApiAddress(instance, demo, false)]).toEqual([true, false]);
  expect(await chooseApiListen(instance, demo, true)).toBe(demo.api.listen);
  // Running on another address, since the setting was changed.
  expect(hasApiAddress(instance, settings("127.0.0.1:1024", true), true)).toBe(false);
});

test("ports are chosen once; one that another program has taken is chosen anew", async () => {
  const first = await choosePorts(instance, new Set());
  expect(new Set(Object.values(first)).size).toBe(PORT_NAMES.length);
  expect(githubPort(instance)).toBe(first.scriptedGithub);
  expect(await choosePorts(instance, new Set())).toEqual(first);
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(first.database, "127.0.0.1", resolve));
  expect(await choosePorts(instance, new Set(["database"]))).toEqual(first);
  const { database, ...others } = await choosePorts(instance, new Set());
  expect({ ...others, database: first.database }).toEqual(first);
  expect(database).not.toBe(first.database);
  await new Promise((resolve) => blocker.close(resolve));
});

test("choosing ports keeps the API's", async () => {
  const demo = settings(`127.0.0.1:${taken}`, true);
  const given = await chooseApiListen(instance, demo, false);
  await choosePorts(instance, new Set());
  expect(JSON.parse(readFileSync(instance.at("ports.json"), "utf8"))).toMatchObject({ api: { asked: demo.api.listen, given } });
});
