import { parseDuration } from "../runtime/contract";

/** A length of time, written as Go writes it, because the provider reads durations back in that form. */
export class Duration {
  static milliseconds(amount: number): Duration {
    return new Duration(amount);
  }

  static seconds(amount: number): Duration {
    return new Duration(amount * 1_000);
  }

  static minutes(amount: number): Duration {
    return new Duration(amount * 60_000);
  }

  /**
   * From text such as `30m`, `1h30m` or `45s`.
   *
   * @throws Error naming the value and what is allowed.
   */
  static parse(text: string): Duration {
    return new Duration(parseDuration(text));
  }

  private constructor(private readonly amount: number) {
    if (!Number.isSafeInteger(amount) || amount < 0) {
      throw new Error(`duration must be a whole number of milliseconds from 0, got ${amount}`);
    }
  }

  toMilliseconds(): number {
    return this.amount;
  }

  /** Whole seconds, rounded up, so that a limit is never shorter than requested. */
  toSeconds(): number {
    return Math.ceil(this.amount / 1_000);
  }

  plus(other: Duration): Duration {
    return new Duration(this.amount + other.amount);
  }

  times(factor: number): Duration {
    return new Duration(this.amount * factor);
  }

  /** Go's canonical form: `1m0s`, `1h30m0s`, `1.5s`, `500ms`, `0s`. Any other form shows up as a change in every plan. */
  toString(): string {
    if (this.amount === 0) return "0s";
    if (this.amount < 1_000) return `${this.amount}ms`;
    const hours = Math.floor(this.amount / 3_600_000);
    const minutes = Math.floor(this.amount / 60_000) % 60;
    const seconds = `${(this.amount % 60_000) / 1_000}s`;
    if (hours > 0) return `${hours}h${minutes}m${seconds}`;
    return minutes > 0 ? `${minutes}m${seconds}` : seconds;
  }
}
