import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually";

/** One Celery process on one queue. */
export interface CeleryProcess {
  readonly process: ChildProcess;
  /** Everything the process and its stages wrote. */
  log(): string;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, then waits for its end. */
  stop(): Promise<number | null>;
}

/** Processes to kill when the test process ends, for whatever reason. */
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts a program with exactly this environment and collects its output. */
export function startProgram(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): CeleryProcess {
  const child = spawn(command, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve)).finally(() => running.delete(child));
  return {
    process: child,
    log: () => text,
    ended,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Starts Celery as the worker does; FLEET_STATE_DIRECTORY has to be set. */
export function startCelery(queue: string, environment: Readonly<Record<string, string>>): CeleryProcess {
  const options = [
    "-n",
    `${queue}@%h`,
    "--concurrency",
    "1",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "--loglevel",
    "info",
  ];
  return startProgram("celery", ["-A", "celery_app", "worker", "-Q", queue, ...options], environment);
}

/** The file the process touches while it consumes. */
export function consumingFile(queue: string, environment: Readonly<Record<string, string>>): string {
  return join(environment["FLEET_STATE_DIRECTORY"]!, "consumers", queue);
}

export async function untilConsuming(celery: CeleryProcess, queue: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const file = consumingFile(queue, environment);
  await eventually(() => {
    if (celery.process.exitCode !== null) throw new Error(`celery ended with ${celery.process.exitCode}:\n${celery.log()}`);
    if (!existsSync(file)) throw new Error(`${file} does not exist:\n${celery.log()}`);
  }, 60_000);
}
