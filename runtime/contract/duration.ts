/** Durations of the contract: text as an operator writes it ("30m", "1h30m", "45s"), milliseconds inside. */

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/**
 * Milliseconds of a duration text such as `30m`, `1h30m`, `45s` or `500ms`.
 *
 * @throws Error naming the value and what is allowed.
 */
export function parseDuration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+)(ms|[hms])/gy)];
  const consumed = parts.reduce((length, part) => length + part[0].length, 0);
  if (parts.length === 0 || consumed !== text.trim().length) {
    throw new Error(`"${text}" is not a duration: write whole hours, minutes and seconds, for example "30m", "1h30m" or "45s"`);
  }
  return parts.reduce((total, [, count, unit]) => total + Number(count) * UNITS[unit!]!, 0);
}

/** The shortest text `parseDuration` reads back: `5400000` is `1h30m`. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  let text = "";
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

/** Every duration that follows from the one an operator sets, in milliseconds. */
export interface StageDurations {
  /** The agent gets SIGINT here: `stages.timeout` itself. */
  readonly soft: number;
  /** The stage's whole process tree dies here. */
  readonly hard: number;
  /** How long a worker that is being replaced may finish what it runs. */
  readonly grace: number;
  /** How long Terraform waits for a container to go: the grace period and a margin. */
  readonly remove: number;
  /** RabbitMQ's `consumer_timeout`: longer than any message is ever held. */
  readonly consumerTimeout: number;
  /** A lease is dead when it was not renewed for this long. */
  readonly lease: number;
  /** How often a lease is renewed. */
  readonly leaseRenewal: number;
}

/** The duration table: one input, `stages.timeout` in milliseconds. */
export function stageDurations(timeout: number): StageDurations {
  const minute = 60_000;
  const hard = timeout + 5 * minute;
  const grace = hard + minute;
  return {
    soft: timeout,
    hard,
    grace,
    remove: grace + 2 * minute,
    consumerTimeout: hard + grace + 10 * minute,
    lease: 60_000,
    leaseRenewal: 15_000,
  };
}
