import { sql } from "kysely";
import { MESSAGE_SCHEMA } from "../contract";
import type { Agent, Stage, StageMessage } from "../contract";
import type { StoreTransaction } from "./database";

/** A message that is due, with what its queue depends on. */
export interface OutboxMessage {
  readonly id: number;
  readonly body: StageMessage;
  readonly agent: Agent;
  readonly failures: number;
}

/** Key of a task: one row a stage and attempt. */
export interface TaskKey {
  readonly runId: string;
  readonly stage: Stage;
  readonly attempt: number;
}

/**
 * Puts a message into the outbox, due now or `until` a moment of the database's clock. A task has at most one: a second
 * one only brings the first forward.
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

/** Locks the oldest due messages, at most `limit`, passing over those another publisher has in hand. */
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

/** The broker has it. */
export async function deleteOutbox(tx: StoreTransaction, id: number): Promise<void> {
  await tx.deleteFrom("outbox").where("id", "=", id).execute();
}

/** The broker did not take it: try again later, at most half a minute. */
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
