import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "../../../../cli/console/operator-error";
import { LocalInstance } from "../../../../cli/local/instance";
import { findProcesses, stopProcess } from "../../../../cli/local/service-process";
import { startServices, stopServices } from "../../../../cli/local/supervisor";
import type { ServiceDefinition } from "../../../../cli/local/supervisor";

const MINUTE = 60_000;

let instance: LocalInstance;
let written: string;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "supervisor-"));
  const account = { uid: process.getuid!(), gid: process.getgid!(), name: "ada", dataHome: root, cacheHome: root, change: false };
  instance = new LocalInstance("dev", "/project", account, root);
  written = "";
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const name of ["api", "worker"]) await stopProcess(instance, name, "SIGKILL", 0);
  rmSync(instance.root, { recursive: true });
});

function definition(name: string, script: string, own: Partial<ServiceDefinition> = {}): ServiceDefinition {
  const environment = { PATH: process.env["PATH"]! };
  const ready = { kind: "command", argv: ["true"] } as const;
  return { name, argv: ["/bin/sh", "-c", script], environment, files: [], scratch: [], ready, startLimit: MINUTE, ...own };
}

const LONG = "exec sleep 600";
const API = definition("api", LONG);
const WORKER = definition("worker", LONG);

function start(...definitions: ServiceDefinition[]): Promise<number> {
  return startServices(instance, definitions, (name) => ({ name, signal: "SIGTERM", limit: MINUTE }));
}

function main(name: string): number | undefined {
  return findProcesses(instance).find((found) => found.service === name && found.main)?.pid;
}

/** The output, without the durations. */
function said(): string[] {
  return written
    .split("\n")
    .map((line) => line.replace(/ +\d+\.\d s$/, "").trimEnd())
    .filter((line) => line !== "");
}

test("starts missing services, leaves up-to-date ones alone and replaces only outdated ones", async () => {
  expect(await start(API, WORKER)).toBe(2);
  const before = [main("api"), main("worker")];
  expect(before).not.toContain(undefined);
  written = "";
  expect(await start(API, WORKER)).toBe(0);
  expect([main("api"), main("worker")]).toEqual(before);
  expect(said()).toEqual([]);
  const changed = { ...WORKER, environment: { ...WORKER.environment, CHANGED: "1" } };
  expect(await start(API, changed)).toBe(1);
  expect(main("api")).toBe(before[0]);
  expect(main("worker")).not.toBe(before[1]);
  expect(said()).toEqual([
    "worker                       finishes what it runs",
    "worker                       starting",
    "worker                       healthy",
  ]);
});

test.each<[string, ServiceDefinition, string[]]>([
  [
    "that ends",
    definition("api", "seq 40; exit 78", { ready: { kind: "command", argv: ["false"] } }),
    [
      "api failed: exit code 78: its configuration or its image is wrong and has to be corrected",
      "its last 30 lines:",
      ...Array.from({ length: 30 }, (_, index) => `  ${index + 11}`),
    ],
  ],
  [
    "that never works",
    definition("api", LONG, { ready: { kind: "command", argv: ["false"] }, startLimit: 1000 }),
    ["api failed: it is not ready after 1 s", "it wrote nothing"],
  ],
])("a service %s is reported, and what was started stays", async (_what, failing, lines) => {
  await start(WORKER);
  const worker = main("worker");
  written = "";
  await expect(start(failing, WORKER)).rejects.toEqual(
    new OperatorError(
      `api failed; what was started stays. Its whole log is in ${instance.at("logs/api.log")}; fix the cause, then run the same command again`,
      1,
    ),
  );
  expect(said()).toEqual(["api                          starting", "api                          FAILED", ...lines]);
  expect(main("worker")).toBe(worker);
});

test("groups are stopped one after the other", async () => {
  const slow = definition("worker", 'trap "sleep 1; exit 0" TERM; while :; do sleep 0.1; done');
  await start(API, slow);
  written = "";
  const order = (name: string) => [{ name, signal: "SIGTERM" as const, limit: MINUTE }];
  await stopServices(instance, [order("worker"), order("api")]);
  expect(said()).toEqual([
    "worker                       finishes what it runs",
    "worker                       stopped",
    "api                          finishes what it runs",
    "api                          stopped",
  ]);
  expect(findProcesses(instance)).toEqual([]);
});
