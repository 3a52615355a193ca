import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server for one test file, with its own directory and ports; never run as root, never a system service. */
export interface ServiceProcess {
  readonly process: ChildProcess;
  /** The last part of its output so far. */
  log(): string;
  /** Ends it and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Processes to kill when the test process ends, for whatever reason. */
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** PostgreSQL refuses to run as root and RabbitMQ should not, so `nobody` runs them and owns their files. */
const UNPRIVILEGED = 65534;
const LOG_LENGTH = 20_000;

function identity(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

/** A directory below the system's temporary directory that the service may write. */
export function serviceDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `fleet-${name}-`));
  own(directory);
  return directory;
}

/** Changes the owner of a file or directory to the user that runs the service. */
export function own(path: string): void {
  const { uid, gid } = identity();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts a program with only PATH and the language of this process's environment. */
export function startService(
  command: string,
  args: readonly string[],
  directory: string,
  environment: Record<string, string>,
): ServiceProcess {
  const child = spawn(command, args, {
    cwd: directory,
    env: { PATH: process.env["PATH"], LANG: "C.UTF-8", HOME: directory, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...identity(),
  });
  running.add(child);
  let text = "";
  const append = (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-LOG_LENGTH);
  };
  child.stdout.on("data", append);
  child.stderr.on("data", append);
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      append(Buffer.from(`${command}: ${error.message}\n`));
      resolve();
    });
    child.once("close", () => resolve());
  }).finally(() => running.delete(child));
  return {
    process: child,
    log: () => text,
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}

/** Runs a program to its end. */
export async function runToEnd(command: string, args: readonly string[], directory: string): Promise<void> {
  const service = startService(command, args, directory, {});
  const code = await new Promise<number | null>((resolve) => {
    service.process.once("error", () => resolve(null));
    service.process.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${service.log()}`);
}

/** Waits until something listens on the port, or the service ended, or the time is up. */
export async function untilListening(service: ServiceProcess, port: number, milliseconds = 60_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    if (await listens(port)) return;
    const { exitCode, signalCode } = service.process;
    if (exitCode !== null || signalCode !== null || service.process.pid === undefined) {
      throw new Error(`the service ended with ${exitCode ?? signalCode} before it listened on port ${port}:\n${service.log()}`);
    }
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port} after ${milliseconds} ms:\n${service.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
