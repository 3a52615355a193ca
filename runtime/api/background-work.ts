import { publishOutbox, startDeadLetterReader } from "../queue";
import { reapExpiredLeases } from "../store";
import type { ApiContext } from "./api-context";
import { startLoop } from "./background-loop";

const SWEEP_PAUSE = 1_000;
const REAP_PAUSE = 5_000;

/** The API's background work: it publishes unsent outbox rows, frees expired leases and stores dead letters. */
export function startBackgroundWork(context: ApiContext): { stop(): Promise<void> } {
  const { db, publisher, config, logger } = context;
  const sweep = startLoop("outbox", SWEEP_PAUSE, logger, async () => {
    const { error } = await publishOutbox(db, publisher);
    if (error !== null) throw error;
  });
  const reaper = startLoop("leases", REAP_PAUSE, logger, async () => {
    for (const task of await reapExpiredLeases(db)) logger.warn(task, "a worker did not renew its lease, the lease was taken back");
  });
  const deadLetters = startDeadLetterReader({ config, db, logger });
  return {
    async stop() {
      await Promise.all([sweep.stop(), reaper.stop(), deadLetters.close()]);
    },
  };
}
