import { deleteOutbox, postponeOutbox, takeDueOutbox } from "../store";
import type { Database } from "../store";
import { UnroutableError } from "./publisher";
import type { Publisher } from "./publisher";

export interface PublishOutboxOptions {
  /** Publishes only these rows, those of a transaction just committed. @default every due row */
  readonly ids?: readonly number[];
  /** Maximum number of rows. @default 50 */
  readonly limit?: number;
}

export interface PublishOutboxResult {
  readonly published: number;
  /** Rows the broker has no queue for; the sweep tries them again later. */
  readonly postponed: number;
  /** The error that stopped publishing, or null; the rows not yet published stay in the outbox. */
  readonly error: Error | null;
}

/**
 * Publishes due outbox rows and deletes those the broker confirmed. It does not throw when the broker is unreachable:
 * the sweep publishes the remaining rows.
 *
 * @throws the database's errors.
 */
export async function publishOutbox(db: Database, publisher: Publisher, options: PublishOutboxOptions = {}): Promise<PublishOutboxResult> {
  return db.transaction().execute(async (tx) => {
    let published = 0;
    let postponed = 0;
    for (const message of await takeDueOutbox(tx, options.limit ?? 50, options.ids)) {
      try {
        await publisher.publish(message);
      } catch (error) {
        if (!(error instanceof UnroutableError)) return { published, postponed, error: error as Error };
        await postponeOutbox(tx, message, error.message);
        postponed += 1;
        continue;
      }
      await deleteOutbox(tx, message.id);
      published += 1;
    }
    return { published, postponed, error: null };
  });
}
