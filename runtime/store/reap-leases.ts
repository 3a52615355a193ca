import { sql } from "kysely";
import { DELIVERY_LIMIT, plannedDecision } from "../contract";
import type { Stage } from "../contract";
import type { Database, StoreTransaction } from "./database";
import { recordFailure, WORKER_LOST } from "./failure";
import { freeLease } from "./lease";
import { enqueue } from "./outbox";

/** What the reaper did with a task whose lease expired. */
export interface ReapedTask {
  readonly runId: string;
  readonly stage: Stage;
  readonly attempt: number;
  readonly holder: string;
  readonly outcome: "queued" | "failed";
}

/**
 * Takes expired leases from their holders. The task is queued again with a new message, or fails when it lost its worker
 * too often. The old holder's token is invalid from then on.
 */
export async function reapExpiredLeases(db: Database, limit = 100): Promise<ReapedTask[]> {
  return db.transaction().execute(async (tx) => {
    const leases = await tx
      .selectFrom("leases")
      .selectAll()
      .where("holder", "is not", null)
      .where("expires_at", "<", sql<Date>`clock_timestamp()`)
      .orderBy("expires_at")
      .limit(limit)
      .forUpdate()
      .skipLocked()
      .execute();
    const reaped: ReapedTask[] = [];
    for (const lease of leases) {
      const task = { runId: lease.run_id, stage: lease.stage, attempt: lease.attempt };
      reaped.push({ ...task, holder: lease.holder!, outcome: await reap(tx, task) });
    }
    return reaped;
  });
}

async function reap(tx: StoreTransaction, task: Pick<ReapedTask, "runId" | "stage" | "attempt">): Promise<ReapedTask["outcome"]> {
  const row = await tx
    .selectFrom("tasks")
    .select(["id", "lost_leases", "payload"])
    .where("run_id", "=", task.runId)
    .where("stage", "=", task.stage)
    .where("attempt", "=", task.attempt)
    .executeTakeFirstOrThrow();
  if (row.lost_leases >= DELIVERY_LIMIT) {
    await recordFailure(tx, task, WORKER_LOST);
    return "failed";
  }
  await tx
    .updateTable("tasks")
    .set({
      status: "queued",
      payload: JSON.stringify(plannedDecision(row.payload.selectedSkill)),
      lost_leases: row.lost_leases + 1,
      updated_at: sql`clock_timestamp()`,
    })
    .where("id", "=", row.id)
    .execute();
  await freeLease(tx, task.runId);
  await enqueue(tx, task);
  return "queued";
}
