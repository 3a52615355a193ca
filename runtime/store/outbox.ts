import { sql } from "kysely";
import { MESSAGE_SCHEMA } from "../contract";
import type { Agent, Stage, StageMessage } from "../contract";
import type { StoreTransaction } from "./database";

/** A due message and the agent, which decides its queue. */
export interface OutboxMessage {
  readonly id: number;
  readonly body: StageMessage;
  readonly agent: Agent;
  readonly failures: number;
}

/** Key of a task: a run has one task per stage and attempt. */
export interface TaskKey {
  readonly runId: string;
  readonly stage: Stage;
  readonly attempt: number;
}

/**
 * Puts a message into the outbox, due now or at `until` by the database's clock. A task has at most one row: a second
 * message only makes the first one due earlier.
 */
export async function enqueue(tx: StoreTransaction, task: TaskKey, until?: Date): Promise<number> {
  const body: StageMessage = { ...pick(task), schema: MESSAGE_SCHEMA };
  const available = until ?? sql<Date>`clock_timestamp()`;
  const row = await tx
    .insertInto("outbox")
    .values({ run_id: task.runId, stage: task.stage, attempt: task.attempt, body: JSON.stringify(body), available_at: available })
    .onConflict((conflict) =>
      conflict
        .columns(["run_id", "stage", "attempt"])
        .doUpdateSet({ available_at: sql`least(outbox.available_at, excluded.available_at)` }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Locks the oldest due messages, at most `limit`, and skips those another publisher has locked. */
export async function takeDueOutbox(tx: StoreTransaction, limit: number, ids?: readonly number[]): Promise<OutboxMessage[]> {
  if (ids?.length === 0) return [];
  return tx
    .selectFrom("outbox")
    .innerJoin("runs", "runs.id", "outbox.run_id")
    .select(["outbox.id", "outbox.body", "outbox.failures", "runs.agent"])
    .where("outbox.available_at", "<=", sql<Date>`clock_timestamp()`)
    .$if(ids !== undefined, (query) => query.where("outbox.id", "in", [...ids!]))
    .orderBy("outbox.available_at")
    .limit(limit)
    .forUpdate("outbox")
    .skipLocked()
    .execute();
}

/** Deletes a message the broker has confirmed. */
export async function deleteOutbox(tx: StoreTransaction, id: number): Promise<void> {
  await tx.deleteFrom("outbox").where("id", "=", id).execute();
}

/** Postpones a message the broker did not take, by 1 to 30 seconds. */
export async function postponeOutbox(tx: StoreTransaction, message: OutboxMessage, error: string): Promise<void> {
  const seconds = Math.min(30, 2 ** message.failures);
  await tx
    .updateTable("outbox")
    .set({
      failures: message.failures + 1,
      last_error: error.slice(0, 1024),
      available_at: sql`clock_timestamp() + ${seconds} * interval '1 second'`,
    })
    .where("id", "=", message.id)
    .execute();
}

function pick(task: TaskKey): TaskKey {
  return { runId: task.runId, stage: task.stage, attempt: task.attempt };
}
