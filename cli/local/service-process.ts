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

/** What makes a process of the fleet the one it is. */
export interface ProcessDefinition {
  readonly name: string;
  readonly argv: readonly [program: string, ...args: string[]];
  /** Everything the process sees; secrets only as names of files. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files it reads when it starts: with another content the service is another one. */
  readonly files: readonly string[];
  /** Directories that are empty when it starts. */
  readonly scratch: readonly string[];
}

/** The same for the same definition: another one means that the running process is out of date. */
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
  /** Whether it is the process that was started as the service; the others were started by it. */
  readonly main: boolean;
  /** Fingerprint of the definition it was started from. */
  readonly fingerprint: string;
  readonly started: Date;
}

/**
 * Variable that every process of a service has from its main process: the instance's directory, the service, the fingerprint
 * of its definition, the time of its start in milliseconds, and the main process's own number. It alone says what a process
 * is. Nothing about processes is written down anywhere, so nothing can be out of date, and nobody else's process is ever
 * taken for one of ours.
 */
const MARK = "CODEX_FLEET_SERVICE";

/** Every running process of an instance that this user may look at. */
export function findProcesses({ root, account }: Pick<LocalInstance, "root" | "account">): ServiceProcess[] {
  return asAccount(account, () =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((name) => findProcess(root, Number(name)) ?? []),
  );
}

/** Whether a process that was found still runs; one that has ended and was not yet waited for does not. */
export function isRunning({ root }: Pick<LocalInstance, "root">, { pid, service }: ServiceProcess): boolean {
  return findProcess(root, pid)?.service === service;
}

function findProcess(root: string, pid: number): ServiceProcess | undefined {
  try {
    return parseMark(root, pid, readFileSync(`/proc/${pid}/environ`, "utf8"));
  } catch {
    // Another user's, or it has just ended.
    return undefined;
  }
}

/**
 * What a process of this instance says about itself; undefined for any other.
 *
 * @param environment As in `/proc/PID/environ`; empty for a process that has ended and was not yet waited for.
 */
export function parseMark(root: string, pid: number, environment: string): ServiceProcess | undefined {
  const before = `${MARK}=${root}:`;
  const mark = environment.split("\0").find((variable) => variable.startsWith(before));
  // An earlier version wrote the service alone.
  const [, service, print = "", started = "", main] =
    /^([a-z_]+)(?::([0-9a-f]{16}):(\d+):(\d*))?$/.exec(mark?.slice(before.length) ?? "") ?? [];
  if (service === undefined) return undefined;
  // The shell that has not written its number yet is the main process already.
  return { pid, service, main: main === "" || Number(main) === pid, fingerprint: print, started: new Date(Number(started)) };
}

/** A service that was just started. */
export interface StartedService {
  /** Its exit code, 128 and the signal's number for a death by signal. */
  readonly ended: Promise<number>;
  /** The last lines it wrote since. */
  lastLines(count: number): string[];
}

/** A shell completes the mark with its own number, and then becomes the program. */
const COMPLETE_MARK = `${MARK}=$${MARK}$$; exec "$@"`;
/** How long what a dead service left behind may take to end, in milliseconds. */
const LEFTOVER_LIMIT = 10_000;
const POLL = 100;

/** Starts a service in a session of its own, where it goes on when this program ends. */
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
 * Tells a service to stop and waits for its end; after the limit it is killed. What it left behind ends with it.
 *
 * @param limit in milliseconds.
 */
export async function stopProcess(instance: LocalInstance, name: string, how: NodeJS.Signals, limit: number): Promise<void> {
  await end(instance, ({ service, main }) => service === name && main, how, limit);
  await end(instance, ({ service }) => service === name, "SIGTERM", LEFTOVER_LIMIT);
}

/** Ends processes and what they start meanwhile: by a signal, and after the limit by force. */
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

/** A signal to a process that may have ended meanwhile. */
function signal({ pid }: ServiceProcess, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** What a log may have grown to when its service starts again; then it begins anew beside the one before. In bytes. */
const LOG_LIMIT = 5 * 1024 * 1024;
/** As much as 30 lines ever are. In bytes. */
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
 * @param offset Size of the log before what is of interest. @default 0
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
