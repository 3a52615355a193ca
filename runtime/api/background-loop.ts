import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export interface BackgroundLoop {
  /** Waits for the round that is under way, then no other starts. */
  stop(): Promise<void>;
}

/** Runs `round` again and again with a pause in between; an error is logged and the next round comes all the same. */
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
        // Once an outage, not once a round.
        if (!failing) logger.warn({ loop: name, err: error }, "a round of the loop failed, it goes on");
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
