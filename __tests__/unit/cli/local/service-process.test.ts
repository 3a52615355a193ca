import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalInstance } from "../../../../cli/local/instance";
import {
  findProcesses,
  fingerprint,
  isRunning,
  lastLines,
  openLog,
  parseMark,
  startProcess,
  stopProcess,
} from "../../../../cli/local/service-process";
import type { ProcessDefinition } from "../../../../cli/local/service-process";
import { eventually } from "../../../support/eventually";

const directory = mkdtempSync(join(tmpdir(), "definition-"));
const secret = join(directory, "secret");
writeFileSync(secret, "one");
afterAll(() => rmSync(directory, { recursive: true }));

const API: ProcessDefinition = {
  name: "api",
  argv: ["node", "api.js"],
  environment: { A: "1", B: "2" },
  files: [secret],
  scratch: [],
};

test("the order of variables and the emptied directories do not change the fingerprint", () => {
  expect(fingerprint({ ...API, environment: { B: "2", A: "1" }, scratch: ["/tmp"] })).toBe(fingerprint(API));
});

test.each<[string, Partial<ProcessDefinition>]>([
  ["another argument", { argv: ["node", "other.js"] }],
  ["another variable", { environment: { A: "1", B: "3" } }],
  ["one more file", { files: [secret, join(directory, "absent")] }],
])("%s changes the fingerprint", (_what, change) => {
  expect(fingerprint({ ...API, ...change })).not.toBe(fingerprint(API));
});

test("the content of a file changes the fingerprint", () => {
  const before = fingerprint(API);
  writeFileSync(secret, "two");
  expect(fingerprint(API)).not.toBe(before);
});

const PRINT = "0123456789abcdef";
const AT = 1_700_000_000_000;
const FOUND = { pid: 7, service: "api", main: true, fingerprint: PRINT, started: new Date(AT) };

test.each([
  ["its main process", `/i/demo:api:${PRINT}:${AT}:7`, FOUND],
  ["what that started", `/i/demo:api:${PRINT}:${AT}:6`, { ...FOUND, main: false }],
  ["a shell that has not become the program yet", `/i/demo:api:${PRINT}:${AT}:`, FOUND],
  ["a process of an earlier version", "/i/demo:api", { ...FOUND, main: false, fingerprint: "", started: new Date(0) }],
  ["another instance", `/i/demo-2:api:${PRINT}:${AT}:7`, undefined],
  ["an instance below", `/i/demo:x/y:api:${PRINT}:${AT}:7`, undefined],
  ["something else", "/i/demo:api:7", undefined],
])("the mark of %s", (_what, mark, found) => {
  expect(parseMark("/i/demo", 7, `A=1\0CODEX_FLEET_SERVICE=${mark}\0B=2\0`)).toEqual(found);
});

test("a process without a mark, and a zombie, belong to no service", () => {
  expect([parseMark("/i/demo", 7, "A=CODEX_FLEET_SERVICE=/i/demo:api\0"), parseMark("/i/demo", 7, "")]).toEqual([undefined, undefined]);
});

describe("processes", () => {
  const account = { uid: process.getuid!(), gid: process.getgid!(), name: "ada", dataHome: directory, cacheHome: "/cache", change: false };
  const instance = new LocalInstance("dev", "/project", account, join(directory, "dev"));
  const strangers: ChildProcess[] = [];

  function definition(name: string, script: string): ProcessDefinition {
    return { name, argv: ["/bin/sh", "-c", script], environment: { PATH: process.env["PATH"]! }, files: [], scratch: [] };
  }

  function stranger(mark: string): ChildProcess {
    const child = spawn("sleep", ["600"], { stdio: "ignore", env: { ...process.env, CODEX_FLEET_SERVICE: mark } });
    strangers.push(child);
    return child;
  }

  afterEach(async () => {
    for (const name of ["api", "worker"]) await stopProcess(instance, name, "SIGKILL", 0);
    for (const child of strangers.splice(0)) child.kill("SIGKILL");
  });

  test("a service is found from its first moment, with its fingerprint", async () => {
    const api = definition("api", "exec sleep 600");
    const before = Date.now();
    await startProcess(instance, api);
    const [found, ...others] = findProcesses(instance);
    expect([found!.service, found!.main, others]).toEqual(["api", true, []]);
    expect(found!.fingerprint).toBe(fingerprint(api));
    expect(found!.started.getTime()).toBeGreaterThanOrEqual(before);
  });

  test("remaining processes of a service do not count as the service, and end before it starts again", async () => {
    const worker = definition("worker", "setsid sleep 600 & exec sleep 600");
    await startProcess(instance, worker);
    await eventually(() =>
      expect(
        findProcesses(instance)
          .map(({ main }) => main)
          .sort(),
      ).toEqual([false, true]),
    );
    const [left] = findProcesses(instance).filter(({ main }) => !main);
    const [main] = findProcesses(instance).filter((found) => found.main);
    process.kill(main!.pid, "SIGKILL");
    await eventually(() => expect(findProcesses(instance)).toEqual([left]));
    await startProcess(instance, definition("worker", "exec sleep 600"));
    expect(isRunning(instance, left!)).toBe(false);
    expect(findProcesses(instance).map((found) => found.main)).toEqual([true]);
  });

  test("a stop sends a signal, kills after the limit, ends remaining processes, and touches no other process", async () => {
    const other = stranger(`${instance.root}-2:worker:${PRINT}:${AT}:1`);
    await startProcess(instance, definition("api", "exec sleep 600"));
    const stubborn = 'trap "echo asked" TERM; setsid sleep 600 & while :; do sleep 0.1; done';
    await startProcess(instance, definition("worker", stubborn));
    await eventually(() => expect(findProcesses(instance).filter(({ service }) => service === "worker").length).toBeGreaterThan(1));
    await stopProcess(instance, "worker", "SIGTERM", 500);
    expect(findProcesses(instance).map(({ service }) => service)).toEqual(["api"]);
    expect(readFileSync(instance.at("logs/worker.log"), "utf8")).toMatch(/^asked\n/);
    expect(other.exitCode ?? other.signalCode).toBeNull();
  });

  test("a service that ends reports its exit code and its last lines", async () => {
    const started = await startProcess(instance, definition("api", "echo one; echo two; exit 3"));
    expect(await started.ended).toBe(3);
    expect(started.lastLines(1)).toEqual(["two"]);
    const killed = await startProcess(instance, definition("api", "kill -9 $$"));
    expect(await killed.ended).toBe(137);
    expect(killed.lastLines(30)).toEqual([]);
  });

  test("a zombie does not count as running", async () => {
    const child = stranger(`${instance.root}:api:${PRINT}:${AT}:1`);
    await eventually(() => expect(findProcesses(instance).map(({ pid }) => pid)).toEqual([child.pid]));
    const [found] = findProcesses(instance);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    expect(isRunning(instance, found!)).toBe(false);
  });
});

let log: string;
let logs = 0;

beforeEach(() => {
  logs += 1;
  log = join(directory, `${logs}.log`);
});

function write(text: string): void {
  const descriptor = openLog(log);
  writeSync(descriptor, text);
  closeSync(descriptor);
}

test("a log is continued, and only its owner can read it", () => {
  write("one\n");
  write("two\n");
  expect(lastLines(log, 30)).toEqual(["one", "two"]);
  expect(statSync(log).mode & 0o777).toBe(0o600);
});

test("a large log is renamed and a new one begins", () => {
  writeFileSync(log, "old\n");
  truncateSync(log, 5 * 1024 * 1024 + 1);
  write("new\n");
  expect(lastLines(log, 30)).toEqual(["new"]);
  expect(existsSync(`${log}.1`)).toBe(true);
});

test("only the last lines since this start", () => {
  write("before\n");
  const offset = statSync(log).size;
  appendFileSync(log, "a\r\n\nb\nc");
  expect(lastLines(log, 2, offset)).toEqual(["b", "c"]);
  expect(lastLines(log, 30, offset)).toEqual(["a", "b", "c"]);
  expect(lastLines(join(directory, "none.log"), 30)).toEqual([]);
});
