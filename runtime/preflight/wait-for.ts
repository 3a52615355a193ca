import { setTimeout as delay } from "node:timers/promises";

/** A service does not answer yet; worth another try. */
export class NotYetError extends Error {}

/** Between two tries, in milliseconds: doubled from the first to the last. */
const FIRST_PAUSE = 100;
const LAST_PAUSE = 2_000;

/**
 * Tries until it works; at least once.
 *
 * @throws NotYetError the last one, when `signal` aborts; any other error of `attempt` at once.
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
