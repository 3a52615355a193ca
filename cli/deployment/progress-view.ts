import { serviceLine } from "./service-progress";
import type { ServiceProgress, ServiceRow } from "./service-progress";

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
