import { setTimeout as sleep } from "node:timers/promises";
import { ProgressView, serviceLine } from "../console/progress-view";
import type { ServiceRow, ServiceState } from "../console/progress-view";
import { exitCodeWords } from "../process/exit-code-words";
import { OperatorError } from "../console/operator-error";
import type { LocalInstance } from "./instance";
import { LocalService } from "./local-service";
import type { StartedService } from "./local-service";
import { isReady } from "./readiness";
import type { ServiceDefinition } from "./service-definition";
import { stopPlan } from "./stop-plan";

const POLL = 200;
const LOG_LINES = 30;

/** A service that will not become ready by waiting longer. */
class ServiceFailed extends Error {
  constructor(
    readonly service: string,
    readonly lines: readonly string[],
  ) {
    super(service);
  }
}

/**
 * Starts what does not run as it has to and leaves alone what does; all at once, as each waits for what it needs. The first
 * that fails ends it, with its reason and its last lines; what was started stays.
 *
 * @param stageTimeout `stages.timeout`: a worker that is replaced finishes what it runs.
 * @returns how many were started.
 * @throws OperatorError when a service does not become ready.
 */
export async function startServices(
  instance: LocalInstance,
  definitions: readonly ServiceDefinition[],
  stageTimeout: string,
): Promise<number> {
  const progress = new ServiceRows();
  const stop = new AbortController();
  let fresh = 0;
  try {
    await Promise.all(
      definitions.map(async (definition) => {
        const service = new LocalService(instance, definition.name);
        if (service.isCurrent(definition)) return untilReady(definition, service, undefined, stop.signal);
        fresh += 1;
        if (service.running() !== undefined) await replaced(service, stageTimeout, progress);
        if (stop.signal.aborted) return;
        progress.show(definition.name, "starting");
        const started = await service.start(definition);
        await untilReady(definition, service, started, stop.signal);
        if (!stop.signal.aborted) progress.show(definition.name, "healthy");
      }),
    );
    return fresh;
  } catch (error) {
    stop.abort();
    if (!(error instanceof ServiceFailed)) throw error;
    progress.show(error.service, "failed");
    for (const line of error.lines) progress.view.line(line);
    throw new OperatorError(
      `${error.service} failed; what was started stays. Its whole log is in ${new LocalService(instance, error.service).log}; run the same command again once it is mended`,
      1,
    );
  } finally {
    progress.view.close();
  }
}

/** Stops groups of services, one group after the other. */
export async function stopServices(instance: LocalInstance, running: readonly string[], stageTimeout: string): Promise<void> {
  const progress = new ServiceRows();
  try {
    for (const group of stopPlan(running, stageTimeout)) {
      await Promise.all(
        group.map(async ({ name, signal, limit }) => {
          progress.show(name, "stopping");
          await new LocalService(instance, name).stop(signal, limit);
          progress.show(name, "stopped");
        }),
      );
    }
  } finally {
    progress.view.close();
  }
}

async function replaced(service: LocalService, stageTimeout: string, progress: ServiceRows): Promise<void> {
  progress.show(service.name, "stopping");
  const [[order] = []] = stopPlan([service.name], stageTimeout);
  await service.stop(order?.signal ?? "SIGTERM", order?.limit ?? 60_000);
}

async function untilReady(
  definition: ServiceDefinition,
  service: LocalService,
  started: StartedService | undefined,
  stop: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + definition.startLimit;
  let exitCode: number | undefined;
  void started?.ended.then((code) => (exitCode = code));
  while (!stop.aborted) {
    if (exitCode !== undefined || (started === undefined && service.running() === undefined))
      throw failure(definition, started, ended(exitCode));
    if (await isReady(definition.ready)) return;
    if (Date.now() > deadline) throw failure(definition, started, `it is not ready after ${Math.round(definition.startLimit / 1000)} s`);
    await sleep(POLL);
  }
}

function ended(exitCode: number | undefined): string {
  return exitCode === undefined ? "it has ended" : exitCodeWords(exitCode, false);
}

function failure({ name }: ServiceDefinition, started: StartedService | undefined, why: string): ServiceFailed {
  const lines = started?.lastLines(LOG_LINES) ?? [];
  const said = lines.length === 0 ? ["it wrote nothing"] : [`its last ${lines.length} lines:`, ...lines.map((line) => `  ${line}`)];
  return new ServiceFailed(name, [`${name} failed: ${why}`, ...said]);
}

/** The rows of a deployment's progress, for processes. */
class ServiceRows {
  readonly view = new ProgressView();
  private readonly rows = new Map<string, ServiceRow>();

  show(service: string, state: ServiceState): void {
    const now = Date.now();
    const before = this.rows.get(service);
    const row: ServiceRow = { id: service, service, state, fresh: true, outOfMemory: false, since: before?.since ?? now, changed: now };
    this.rows.set(service, row);
    if (state !== "stopped") return this.view.service(row, this.rows);
    // For a process that is the end; a container would be removed now.
    this.rows.delete(service);
    this.view.line(serviceLine(row));
  }
}
