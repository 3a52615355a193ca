import type { StageDurations } from "../contract";

/** Another worker has the lease of the stage. */
export class LeaseLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LeaseLostError";
  }
}

/** The database did not answer for the length of the lease, so the worker does not know whether it still has it. */
export class LeaseUncertainError extends Error {
  constructor(cause: Error) {
    super(`the lease could not be renewed for its whole length: ${cause.message}`, { cause });
    this.name = "LeaseUncertainError";
  }
}

/** Renews a lease until `stop` is called, and stops the stage when the lease is lost. */
export class LeaseKeeper {
  private timer: NodeJS.Timeout | undefined;
  private confirmed = performance.now();
  private stopped = false;

  /** @param renew Resolves to false when the lease was lost; rejects when the database does not answer. */
  constructor(
    private readonly renew: () => Promise<boolean>,
    private readonly lose: (reason: Error) => void,
    private readonly durations: Pick<StageDurations, "lease" | "leaseRenewal">,
  ) {}

  start(): void {
    this.schedule(this.durations.leaseRenewal);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Milliseconds until others may take the lease. */
  remaining(): number {
    return this.durations.lease - (performance.now() - this.confirmed);
  }

  private schedule(milliseconds: number): void {
    if (!this.stopped) this.timer = setTimeout(() => void this.tick(), milliseconds);
  }

  private async tick(): Promise<void> {
    const asked = performance.now();
    try {
      if (!(await this.renew())) return this.giveUp(new LeaseLostError("another worker took over the stage"));
      this.confirmed = asked;
      this.schedule(this.durations.leaseRenewal);
    } catch (error) {
      if (this.remaining() <= 0) return this.giveUp(new LeaseUncertainError(error as Error));
      // Try again sooner than usual, and never later than the end of the lease.
      this.schedule(Math.max(0, Math.min(1_000, this.remaining())));
    }
  }

  private giveUp(reason: Error): void {
    if (!this.stopped) this.lose(reason);
    this.stop();
  }
}
