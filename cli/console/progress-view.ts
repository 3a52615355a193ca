export type ServiceState = "created" | "starting" | "healthy" | "stopping" | "stopped" | "removed" | "failed";

/** One container while a deployment runs. */
export interface ServiceRow {
  readonly id: string;
  readonly service: string;
  readonly state: ServiceState;
  /** Whether this deployment made or started it: only then its end is the deployment's failure. */
  readonly fresh: boolean;
  readonly outOfMemory: boolean;
  /** Milliseconds since 1970: when the deployment first touched it, and its last change. */
  readonly since: number;
  readonly changed: number;
}

/** Rows in the order in which the deployment touched them. */
export type ServiceProgress = ReadonlyMap<string, ServiceRow>;

/** Shows a deployment: on a terminal the services in motion tick below the lines that stand, elsewhere each change is a line. */
export class ProgressView {
  private shown = 0;
  private timer: NodeJS.Timeout | undefined;
  private moving: readonly ServiceRow[] = [];

  constructor(private readonly out: NodeJS.WriteStream = process.stdout) {
    if (out.isTTY) this.timer = setInterval(() => this.draw(), 1000).unref();
  }

  /** A line that stays. */
  line(text: string): void {
    this.erase();
    this.out.write(`${text}\n`);
    this.draw();
  }

  /** A service changed; on a terminal only its rest state stays. */
  service(row: ServiceRow, progress: ServiceProgress): void {
    this.moving = [...progress.values()].filter(isMoving);
    if (!this.out.isTTY || !isMoving(row)) this.line(serviceLine(row));
    else this.draw();
  }

  close(): void {
    clearInterval(this.timer);
    this.erase();
    this.moving = [];
  }

  private draw(): void {
    if (!this.out.isTTY) return;
    this.erase();
    const now = Date.now();
    for (const row of this.moving) this.out.write(`${serviceLine(row, now)}\n`);
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

/** One line about a container: service, state, seconds since the deployment first touched it. */
export function serviceLine(row: ServiceRow, now: number = row.changed): string {
  const seconds = Math.max(0, now - row.since) / 1000;
  const name = row.fresh ? row.service : `${row.service} (old)`;
  return `${name.padEnd(28)} ${WORDS[row.state].padEnd(22)} ${seconds.toFixed(1).padStart(6)} s`;
}
