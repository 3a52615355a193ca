import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asAccount } from "./account";
import type { LocalInstance } from "./instance";

/** Everything that defines a process of the fleet. */
export interface ProcessDefinition {
  readonly name: string;
  readonly argv: readonly [program: string, ...args: string[]];
  /** The complete environment of the process; secrets only as names of files. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files the process reads when it starts; a changed file changes the fingerprint. */
  readonly files: readonly string[];
  /** Directories that are emptied before the start. */
  readonly scratch: readonly string[];
}

/** Fingerprint of a definition; a running process with another fingerprint is out of date. */
export function fingerprint({ argv, environment, files }: ProcessDefinition): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([argv, Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))]));
  for (const file of files) hash.update(`\0${file}\0`).update(existsSync(file) ? readFileSync(file) : "");
  return hash.digest("hex").slice(0, 16);
}

/** A running process of an instance. */
export interface ServiceProcess {
  readonly pid: number;
  readonly service: string;
  /** Whether it is the main process of the service; the others are its descendants. */
  readonly main: boolean;
  /** Fingerprint of the definition with which it was started. */
  readonly fingerprint: string;
  readonly started: Date;
}

/**
 * Environment variable of the main process of a service, which its descendants inherit: the instance's directory, the
 * service, the fingerprint of its definition, its start time in milliseconds, and the main process's id. It alone identifies
 * a process. There are no PID files, so nothing can be out of date, and no other process is taken for one of ours.
 */
const MARK = "CODEX_FLEET_SERVICE";

/** Every running process of an instance that this user may inspect. */
export function findProcesses({ root, account }: Pick<LocalInstance, "root" | "account">): ServiceProcess[] {
  return asAccount(account, () =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((name) => findProcess(root, Number(name)) ?? []),
  );
}

/** Whether a process that was found still runs; a zombie does not. */
export function isRunning({ root }: Pick<LocalInstance, "root">, { pid, service }: ServiceProcess): boolean {
  return findProcess(root, pid)?.service === service;
}

function findProcess(root: string, pid: number): ServiceProcess | undefined {
  try {
    return parseMark(root, pid, readEnvironment(pid));
  } catch {
    // The process belongs to another user, or has just ended.
    return undefined;
  }
}

/**
 * While a process executes another program, its environment is empty for a moment, which would hide a service that is just
 * being started. Zombies and kernel threads have no program, and their environment stays empty.
 */
function readEnvironment(pid: number): string {
  for (let attempt = 1; ; attempt += 1) {
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    if (environment !== "" || attempt === 20) return environment;
    readlinkSync(`/proc/${pid}/exe`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

/**
 * Parses the variable of a process of this instance; undefined for any other process.
 *
 * @param environment The contents of `/proc/PID/environ`; empty for a zombie.
 */
export function parseMark(root: string, pid: number, environment: string): ServiceProcess | undefined {
  const before = `${MARK}=${root}:`;
  const mark = environment.split("\0").find((variable) => variable.startsWith(before));
  // An earlier version wrote only the service.
  const [, service, print = "", started = "", main] =
    /^([a-z_]+)(?::([0-9a-f]{16}):(\d+):(\d*))?$/.exec(mark?.slice(before.length) ?? "") ?? [];
  if (service === undefined) return undefined;
  // Until the shell has added its id, it is itself the main process.
  return { pid, service, main: main === "" || Number(main) === pid, fingerprint: print, started: new Date(Number(started)) };
}

/** A service that was just started. */
export interface StartedService {
  /** Its exit code, 128 and the signal's number for a death by signal. */
  readonly ended: Promise<number>;
  /** The last lines of its output since then. */
  lastLines(count: number): string[];
}

/** A shell adds its own process id to the variable and then executes the program, which keeps that id. */
const COMPLETE_MARK = `${MARK}=$${MARK}$$; exec "$@"`;
/** How long the remaining processes of a dead service may take to end, in milliseconds. */
const LEFTOVER_LIMIT = 10_000;
const POLL = 100;

/** Starts a service in a new session, so that it goes on when this program ends. */
export async function startProcess(instance: LocalInstance, definition: ProcessDefinition): Promise<StartedService> {
  const { name, argv, environment, scratch } = definition;
  await end(instance, (found) => found.service === name, "SIGTERM", LEFTOVER_LIMIT);
  const directory = instance.at("services", name);
  const log = logFile(instance, name);
  for (const old of scratch) rmSync(old, { recursive: true, force: true });
  for (const made of [directory, path.dirname(log), ...scratch]) mkdirSync(made, { recursive: true, mode: 0o700 });
  const descriptor = openLog(log);
  const offset = statSync(log).size;
  const child = spawn("/bin/sh", ["-c", COMPLETE_MARK, "sh", ...argv], {
    cwd: directory,
    env: { ...environment, [MARK]: `${instance.root}:${name}:${fingerprint(definition)}:${Date.now()}:` },
    stdio: ["ignore", descriptor, descriptor],
    detached: true,
  });
  closeSync(descriptor);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
  });
  child.unref();
  return { ended, lastLines: (count) => lastLines(log, count, offset) };
}

/**
 * Tells a service to stop and waits for its end; after the limit it kills it. Also ends the service's remaining processes.
 *
 * @param limit in milliseconds.
 */
export async function stopProcess(instance: LocalInstance, name: string, how: NodeJS.Signals, limit: number): Promise<void> {
  await end(instance, ({ service, main }) => service === name && main, how, limit);
  await end(instance, ({ service }) => service === name, "SIGTERM", LEFTOVER_LIMIT);
}

/** Ends processes, and those they start meanwhile, with a signal, and after the limit with SIGKILL. */
async function end(instance: LocalInstance, which: (found: ServiceProcess) => boolean, how: NodeJS.Signals, limit: number): Promise<void> {
  const deadline = Date.now() + limit;
  for (let found = findProcesses(instance).filter(which); found.length > 0; found = findProcesses(instance).filter(which)) {
    for (const process of found) signal(process, how);
    for (let left = found; left.length > 0; left = left.filter((process) => isRunning(instance, process))) {
      if (Date.now() > deadline) for (const process of left) signal(process, "SIGKILL");
      await sleep(POLL);
    }
  }
}

/** Sends a signal to a process that may have ended meanwhile. */
function signal({ pid }: ServiceProcess, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** In bytes. When a service starts and its log is larger, the log is renamed and a new one begins. */
const LOG_LIMIT = 5 * 1024 * 1024;
/** In bytes; enough for 30 lines. */
const TAIL = 64 * 1024;

export function logFile(instance: Pick<LocalInstance, "at">, service: string): string {
  return instance.at("logs", `${service}.log`);
}

/** Opens the log of a service for the process that will write it; the caller closes the descriptor. */
export function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

/**
 * The last lines of a log.
 *
 * @param offset Position in the log before which lines are ignored, in bytes. @default 0
 */
export function lastLines(file: string, count: number, offset = 0): string[] {
  if (!existsSync(file)) return [];
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(size < offset ? 0 : offset, size - TAIL);
    const bytes = Buffer.alloc(size - from);
    const read = readSync(descriptor, bytes, 0, bytes.length, from);
    return bytes
      .subarray(0, read)
      .toString("utf8")
      .split(/\r?\n/)
      .filter((line) => line !== "")
      .slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
