import { PLAIN } from "./colour";
import type { Paint } from "./colour";
import type { FleetEvent, ServiceState } from "./event";
import { output } from "./output";
import type { Output } from "./output";

export type { ServiceState };

/** One container while a deployment runs. */
export interface ServiceRow {
  readonly id: string;
  readonly service: string;
  readonly state: ServiceState;
  /** Whether this deployment created or started it; only then its end is a failure of the deployment. */
  readonly fresh: boolean;
  readonly outOfMemory: boolean;
  /** Milliseconds since 1970: when the deployment first touched it, and its last change. */
  readonly since: number;
  readonly changed: number;
}

/** Rows in the order in which the deployment touched them. */
export type ServiceProgress = ReadonlyMap<string, ServiceRow>;

/**
 * Shows a deployment. On a terminal the changing services are updated in place below the finished lines; elsewhere each
 * change is a line, and with --json an event.
 */
export class ProgressView {
  private shown = 0;
  private timer: NodeJS.Timeout | undefined;
  private moving: readonly ServiceRow[] = [];
  private readonly ticks: boolean;

  constructor(
    private readonly out: NodeJS.WriteStream = process.stdout,
    private readonly speech: Output = output(),
  ) {
    this.ticks = out.isTTY && process.env.TERM !== "dumb" && !speech.json;
    if (this.ticks) this.timer = setInterval(() => this.draw(), 1000).unref();
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.erase();
    this.speech.line(text);
    this.draw();
  }

  /** Writes a line of an image's build. */
  build(image: string, text: string): void {
    this.erase();
    this.speech.event({ event: "build", image, text }, `${image} | ${text}`);
    this.draw();
  }

  /** Reports a change of a service; on a terminal only its final state stays as a line. */
  service(row: ServiceRow, progress: ServiceProgress): void {
    this.moving = [...progress.values()].filter(isMoving);
    if (!this.ticks || !isMoving(row)) this.rest(row);
    else this.draw();
  }

  /** Reports the final state of a service. */
  rest(row: ServiceRow): void {
    this.moving = this.moving.filter(({ id }) => id !== row.id);
    this.erase();
    this.speech.event(serviceEvent(row), serviceLine(row, row.changed, this.speech.paint));
    this.draw();
  }

  close(): void {
    clearInterval(this.timer);
    this.erase();
    this.moving = [];
  }

  private draw(): void {
    if (!this.ticks) return;
    this.erase();
    const now = Date.now();
    // Cut lines to the terminal's width: of a wrapped line only one half would be erased.
    for (const row of this.moving) this.out.write(`${serviceLine(row, now).slice(0, this.out.columns - 1)}\n`);
    this.shown = this.moving.length;
  }

  private erase(): void {
    if (this.shown > 0) this.out.write(`\u001b[${this.shown}A\u001b[0J`);
    this.shown = 0;
  }
}

function isMoving({ state }: ServiceRow): boolean {
  return state === "created" || state === "starting" || state === "stopping" || state === "stopped";
}

const WORDS: Readonly<Record<ServiceState, string>> = {
  created: "created",
  starting: "starting",
  healthy: "healthy",
  stopping: "finishes what it runs",
  stopped: "stopped",
  removed: "removed",
  failed: "FAILED",
};

function serviceEvent(row: ServiceRow): FleetEvent {
  return { event: "service", service: row.service, state: row.state, seconds: seconds(row, row.changed), fresh: row.fresh };
}

/** One line about a container: service, state, seconds since the deployment first touched it. */
export function serviceLine(row: ServiceRow, now: number = row.changed, paint: Paint = PLAIN): string {
  const name = row.fresh ? row.service : `${row.service} (old)`;
  const state = WORDS[row.state].padEnd(22);
  const painted = row.state === "healthy" ? paint.good(state) : row.state === "failed" ? paint.bad(state) : state;
  return `${name.padEnd(28)} ${painted} ${seconds(row, now).toFixed(1).padStart(6)} s`;
}

function seconds({ since }: ServiceRow, now: number): number {
  return Math.max(0, now - since) / 1000;
}
