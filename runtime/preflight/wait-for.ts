import { setTimeout as delay } from "node:timers/promises";

/** A service does not answer yet: try again. */
export class NotYetError extends Error {}

/** Pauses between two attempts, in milliseconds: doubled from FIRST_PAUSE up to LAST_PAUSE. */
const FIRST_PAUSE = 100;
const LAST_PAUSE = 2_000;

/**
 * Repeats `attempt` until it succeeds or `signal` aborts; tries at least once.
 *
 * @throws the last NotYetError when `signal` aborts; any other error of `attempt` at once.
 */
export async function waitFor<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LAST_PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof NotYetError) || signal.aborted) throw error;
      await delay(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
