import { readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StateFile, WorkerPhase } from "../../runtime/contract";
import { OperatorError } from "../console/operator-error";
import { ProgressView } from "../console/progress-view";
import type { ServiceRow, ServiceState } from "../console/progress-view";
import { exitCodeWords } from "../process/exit-code-words";
import { runCommand } from "../process/run-program";
import type { LocalInstance } from "./instance";
import { findProcesses, fingerprint, isRunning, lastLines, logFile, startProcess, stopProcess } from "./service-process";
import type { ProcessDefinition } from "./service-process";

/** One service of the fleet: its process, and how to tell that it is ready. */
export interface ServiceDefinition extends ProcessDefinition {
  readonly ready: Readiness;
  /** How long the service may take to become ready, in milliseconds. */
  readonly startLimit: number;
}

/** How to check that a service works. */
export type Readiness =
  | { readonly kind: "port"; readonly port: number }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "command"; readonly argv: readonly [program: string, ...args: string[]] }
  | { readonly kind: "worker"; readonly stateDirectory: string };

/** How a service is told to stop, and how long it may take, in milliseconds. */
export interface StopOrder {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly limit: number;
}

const POLL = 200;
const LOG_LINES = 30;

/**
 * Starts or replaces the services that do not run as defined, all at once, since each waits for what it needs. The first
 * failure stops it and is reported with the reason and the last log lines; services that were started stay.
 *
 * @param stopOrder How to stop a service that has to be replaced, so that a worker finishes its running job.
 * @returns how many were started.
 * @throws OperatorError when a service does not become ready.
 */
export async function startServices(
  instance: LocalInstance,
  definitions: readonly ServiceDefinition[],
  stopOrder: (name: string) => StopOrder,
): Promise<number> {
  const progress = new ServiceRows();
  const stop = new AbortController();
  const running = findProcesses(instance).filter(({ main }) => main);
  let fresh = 0;
  try {
    await Promise.all(
      definitions.map(async (definition) => {
        const { name } = definition;
        const before = running.find(({ service }) => service === name);
        if (before?.fingerprint === fingerprint(definition)) {
          const ended = () => (isRunning(instance, before) ? undefined : "it has ended");
          return untilReady(definition, stop.signal, ended, (count) => lastLines(logFile(instance, name), count));
        }
        fresh += 1;
        if (before !== undefined) {
          progress.show(name, "stopping");
          const { signal, limit } = stopOrder(name);
          await stopProcess(instance, name, signal, limit);
        }
        if (stop.signal.aborted) return;
        progress.show(name, "starting");
        const started = await startProcess(instance, definition);
        let exitCode: number | undefined;
        void started.ended.then((code) => (exitCode = code));
        const ended = () => (exitCode === undefined ? undefined : exitCodeWords(exitCode, false));
        await untilReady(definition, stop.signal, ended, started.lastLines);
        if (!stop.signal.aborted) progress.show(name, "healthy");
      }),
    );
    return fresh;
  } catch (error) {
    stop.abort();
    if (!(error instanceof ServiceFailed)) throw error;
    progress.show(error.service, "failed");
    for (const line of error.lines) progress.view.line(line);
    throw new OperatorError(
      `${error.service} failed; what was started stays. Its whole log is in ${logFile(instance, error.service)}; fix the cause, then run the same command again`,
      1,
    );
  } finally {
    progress.view.close();
  }
}

/** Stops services, one group after the other. */
export async function stopServices(instance: LocalInstance, groups: readonly (readonly StopOrder[])[]): Promise<void> {
  const progress = new ServiceRows();
  try {
    for (const group of groups) {
      await Promise.all(
        group.map(async ({ name, signal, limit }) => {
          progress.show(name, "stopping");
          await stopProcess(instance, name, signal, limit);
          progress.show(name, "stopped");
        }),
      );
    }
  } finally {
    progress.view.close();
  }
}

/** A service has failed, so that waiting longer is useless. */
class ServiceFailed extends Error {
  readonly lines: readonly string[];

  constructor(
    readonly service: string,
    why: string,
    last: readonly string[],
  ) {
    super(service);
    const said = last.length === 0 ? ["it wrote nothing"] : [`its last ${last.length} lines:`, ...last.map((line) => `  ${line}`)];
    this.lines = [`${service} failed: ${why}`, ...said];
  }
}

async function untilReady(
  { name, ready, environment, startLimit }: ServiceDefinition,
  stop: AbortSignal,
  ended: () => string | undefined,
  lines: (count: number) => string[],
): Promise<void> {
  const deadline = Date.now() + startLimit;
  while (!stop.aborted) {
    const why = ended();
    if (why !== undefined) throw new ServiceFailed(name, why, lines(LOG_LINES));
    if (await isReady(ready, environment)) return;
    if (Date.now() > deadline) throw new ServiceFailed(name, `it is not ready after ${Math.round(startLimit / 1000)} s`, lines(LOG_LINES));
    await sleep(POLL);
  }
}

/** Shows the progress of processes like that of a deployment's containers. */
class ServiceRows {
  readonly view = new ProgressView();
  private readonly rows = new Map<string, ServiceRow>();

  show(service: string, state: ServiceState): void {
    const now = Date.now();
    const before = this.rows.get(service);
    const row: ServiceRow = { id: service, service, state, fresh: true, outOfMemory: false, since: before?.since ?? now, changed: now };
    this.rows.set(service, row);
    if (state !== "stopped") return this.view.service(row, this.rows);
    // This is a process's last state; a container would still be removed.
    this.rows.delete(service);
    this.view.rest(row);
  }
}

/** In milliseconds. A worker touches its heartbeat every 2 s; with an older one it does not work. */
const HEARTBEAT_AGE = 10_000;
/** Time limit of one check, in milliseconds. */
const PATIENCE = 3_000;

/** Whether a service works right now. */
async function isReady(readiness: Readiness, environment: Readonly<Record<string, string>>): Promise<boolean> {
  switch (readiness.kind) {
    case "port":
      return accepts(readiness.port);
    case "http":
      return fetch(readiness.url, { signal: AbortSignal.timeout(PATIENCE) }).then(
        ({ ok }) => ok,
        () => false,
      );
    case "command":
      return (await runCommand(readiness.argv[0], readiness.argv.slice(1), { environment, timeout: PATIENCE })).ok;
    case "worker":
      return workerWorks(readiness.stateDirectory);
  }
}

/** The phase in a worker's state file; undefined when it cannot be read. */
export function workerPhase(stateDirectory: string): WorkerPhase | undefined {
  try {
    return WorkerPhase.safeParse(readFileSync(path.join(stateDirectory, StateFile.phase), "utf8").trim()).data;
  } catch {
    return undefined;
  }
}

/** A worker that waits for a login is healthy: only a person can log in. */
function workerWorks(stateDirectory: string): boolean {
  const phase = workerPhase(stateDirectory);
  const beat = statSync(path.join(stateDirectory, StateFile.heartbeat), { throwIfNoEntry: false });
  return (phase === "consuming" || phase === "waiting_for_login") && beat !== undefined && Date.now() - beat.mtimeMs < HEARTBEAT_AGE;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: PATIENCE });
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket
      .once("connect", () => answer(true))
      .once("error", () => answer(false))
      .once("timeout", () => answer(false));
  });
}
