import type { StageDurations } from "../contract";

/** Why a stage was stopped from outside. */
export class LeaseLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LeaseLostError";
  }
}

/** Nobody could say for as long as the lease lasts whether it still holds. */
export class LeaseUncertainError extends Error {
  constructor(cause: Error) {
    super(`the lease could not be renewed for its whole length: ${cause.message}`, { cause });
    this.name = "LeaseUncertainError";
  }
}

/** Renews a lease until it is told to stop, and stops the stage when the lease is gone. */
export class LeaseKeeper {
  private timer: NodeJS.Timeout | undefined;
  private confirmed = performance.now();
  private stopped = false;

  /** @param renew False when the lease was lost; rejects when the database cannot be asked. */
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
      if (!(await this.renew())) return this.giveUp(new LeaseLostError("another worker took the stage over"));
      this.confirmed = asked;
      this.schedule(this.durations.leaseRenewal);
    } catch (error) {
      if (this.remaining() <= 0) return this.giveUp(new LeaseUncertainError(error as Error));
      // Sooner than usual, and never later than the end of the lease.
      this.schedule(Math.max(0, Math.min(1_000, this.remaining())));
    }
  }

  private giveUp(reason: Error): void {
    if (!this.stopped) this.lose(reason);
    this.stop();
  }
}
