import type { StageMessage } from "../contract";
import { sql } from "kysely";
import type { Database } from "./database";
import { recordFailure } from "./failure";

/** A dead-lettered message. */
export interface DeadLetter {
  /** Identifies the message: one that is read twice is stored once. */
  readonly messageId: string;
  /** The queue that dead-lettered it. */
  readonly queue: string;
  /** RabbitMQ's reason: `delivery_limit`, `rejected`, `expired`. */
  readonly reason: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The stage message in the body, null when the body has none. */
  readonly message: StageMessage | null;
}

/** What storing a dead letter changed. */
export type DeadLetterOutcome = "known" | "recorded" | "run_failed";

/**
 * Stores a dead letter. When its task still waits for a worker, task and run fail with the reason. A task that is
 * finished or held by a worker does not change: the dead letter was a duplicate.
 */
export async function saveDeadLetter(db: Database, letter: DeadLetter): Promise<DeadLetterOutcome> {
  return db.transaction().execute(async (tx): Promise<DeadLetterOutcome> => {
    const { message } = letter;
    const lease =
      message === null
        ? undefined
        : await tx
            .selectFrom("leases")
            .select(sql<boolean>`holder IS NOT NULL AND expires_at > clock_timestamp()`.as("live"))
            .where("run_id", "=", message.runId)
            .forUpdate()
            .executeTakeFirst();
    const inserted = await tx
      .insertInto("dead_letters")
      .values({
        message_id: letter.messageId,
        queue: letter.queue,
        reason: letter.reason,
        body: letter.body,
        headers: JSON.stringify(letter.headers),
        run_id: message?.runId ?? null,
        stage: message?.stage ?? null,
        attempt: message?.attempt ?? null,
      })
      .onConflict((conflict) => conflict.column("message_id").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (inserted === undefined) return "known";
    if (message === null || lease === undefined || lease.live) return "recorded";
    const task = await tx
      .selectFrom("tasks")
      .innerJoin("runs", "runs.id", "tasks.run_id")
      .select("tasks.id")
      .where("tasks.run_id", "=", message.runId)
      .where("tasks.stage", "=", message.stage)
      .where("tasks.attempt", "=", message.attempt)
      .where("tasks.status", "in", ["queued", "running"])
      .where("runs.status", "in", ["pending", "running", "retrying"])
      .executeTakeFirst();
    if (task === undefined) return "recorded";
    await recordFailure(tx, message, {
      code: "dead_letter",
      reason: `the queue ${letter.queue} dead-lettered the message: ${letter.reason}`,
      remediation: "look at the worker's log for the reason, fix it, then retry the run",
      message: `dead-lettered by the queue ${letter.queue} (${letter.reason})`,
    });
    return "run_failed";
  });
}
