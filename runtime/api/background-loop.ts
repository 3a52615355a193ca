import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export interface BackgroundLoop {
  /** Waits for the current round to end; no other starts. */
  stop(): Promise<void>;
}

/** Runs `round` again and again with a pause in between. An error is logged and does not end the loop. */
export function startLoop(name: string, pause: number, logger: Logger, round: () => Promise<void>): BackgroundLoop {
  const stop = new AbortController();
  const running = (async () => {
    let failing = false;
    while (!stop.signal.aborted) {
      try {
        await round();
        if (failing) logger.info({ loop: name }, "the loop works again");
        failing = false;
      } catch (error) {
        // Warn once per outage, not once per round.
        if (!failing) logger.warn({ loop: name, err: error }, "a round of the loop failed, the loop goes on");
        failing = true;
      }
      await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stop.abort();
      await running;
    },
  };
}
