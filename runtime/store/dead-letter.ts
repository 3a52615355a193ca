import type { StageMessage } from "../contract";
import { sql } from "kysely";
import type { Database } from "./database";
import { recordFailure } from "./failure";

/** A message its queue gave up. */
export interface DeadLetter {
  /** Identifies the message: a letter that is read twice counts once. */
  readonly messageId: string;
  /** The queue that gave it up. */
  readonly queue: string;
  /** RabbitMQ's word for why: `delivery_limit`, `rejected`, `expired`. */
  readonly reason: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body's stage message, null when it is none. */
  readonly message: StageMessage | null;
}

/** What a dead letter changed. */
export type DeadLetterOutcome = "known" | "recorded" | "run_failed";

/**
 * Keeps a dead letter and, when its task is still waiting for a worker, fails task and run with the reason. A task that
 * is finished, or that a worker holds right now, is left alone: the letter was a copy.
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
      reason: `queue ${letter.queue} gave the message up: ${letter.reason}`,
      remediation: "look at the worker's log for the reason, mend it, then retry the run",
      message: `given up by the queue ${letter.queue} (${letter.reason})`,
    });
    return "run_failed";
  });
}
