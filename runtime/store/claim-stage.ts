import { sql } from "kysely";
import { DELIVERY_LIMIT, STAGES } from "../contract";
import type { Stage, StageMessage, WorkflowTaskStatePayload } from "../contract";
import type { ClaimResult } from "./claim";
import type { Database, StoreTransaction } from "./database";
import { recordFailure, WORKER_LOST } from "./failure";
import { leaseEnd } from "./lease";
import { enqueue } from "./outbox";
import { toRunRecord } from "./run-record";
import type { RunRow, TaskRow } from "./schema";

/** A message postponed because of a lease becomes due this long after the lease's end, in milliseconds. */
const PUT_OFF_MARGIN = 500;

/**
 * Takes a stage for a worker: the lease, the running task and the running run, in one transaction.
 *
 * @param holder Names the worker in leases and logs; two processes must never share it.
 */
export async function claimStage(db: Database, message: StageMessage, holder: string): Promise<ClaimResult> {
  return db.transaction().execute(async (tx): Promise<ClaimResult> => {
    const lease = await tx
      .selectFrom("leases")
      .selectAll()
      .select(sql<boolean>`holder IS NOT NULL AND expires_at > clock_timestamp()`.as("live"))
      .where("run_id", "=", message.runId)
      .forUpdate()
      .executeTakeFirst();
    if (lease === undefined) return { kind: "unknown" };
    const run = await tx.selectFrom("runs").selectAll().where("id", "=", message.runId).executeTakeFirstOrThrow();
    const tasks = await tx.selectFrom("tasks").selectAll().where("run_id", "=", message.runId).orderBy("attempt").execute();
    const task = tasks.find((row) => row.stage === message.stage && row.attempt === message.attempt);
    if (task === undefined) return { kind: "unknown" };
    if (!isDue(task, run, tasks)) return { kind: "finished" };

    if (lease.live) {
      await enqueue(tx, message, new Date(lease.expires_at.getTime() + PUT_OFF_MARGIN));
      return { kind: "held", holder: lease.holder!, until: lease.expires_at };
    }
    const vanished = lease.holder !== null;
    if (vanished && task.lost_leases >= DELIVERY_LIMIT) {
      await recordFailure(tx, message, WORKER_LOST);
      return { kind: "finished" };
    }
    const token = lease.token + 1;
    await take(tx, message, token, holder, vanished);
    return {
      kind: "claimed",
      claim: {
        runId: message.runId,
        stage: message.stage,
        attempt: message.attempt,
        token,
        taskId: task.id,
        run: toRunRecord({ ...run, status: "running" }),
        payload: task.payload,
        payloads: earlierPayloads(message.stage, tasks),
      },
    };
  });
}

/** Whether the run waits for this task: the message may be late, a duplicate or early. */
function isDue(task: TaskRow, run: RunRow, tasks: readonly TaskRow[]): boolean {
  if (task.status !== "queued" && task.status !== "running") return false;
  if (run.status === "succeeded" || run.status === "failed" || run.status === "cancelled") return false;
  if (tasks.some((row) => row.stage === task.stage && row.attempt > task.attempt)) return false;
  const earlier = STAGES.slice(0, STAGES.indexOf(task.stage));
  return earlier.every((stage) => tasks.findLast((row) => row.stage === stage)?.status === "succeeded");
}

function earlierPayloads(stage: Stage, tasks: readonly TaskRow[]): Partial<Record<Stage, WorkflowTaskStatePayload>> {
  const earlier = STAGES.slice(0, STAGES.indexOf(stage));
  // In order of attempts, so that the latest wins.
  return Object.fromEntries(
    tasks.filter((row) => earlier.includes(row.stage) && row.status === "succeeded").map((row) => [row.stage, row.payload]),
  );
}

async function take(tx: StoreTransaction, message: StageMessage, token: number, holder: string, vanished: boolean): Promise<void> {
  const now = sql<Date>`clock_timestamp()`;
  await tx
    .updateTable("leases")
    .set({ stage: message.stage, attempt: message.attempt, token, holder, expires_at: leaseEnd })
    .where("run_id", "=", message.runId)
    .execute();
  await tx
    .updateTable("tasks")
    .set({
      status: "running",
      started_at: sql`coalesce(started_at, clock_timestamp())`,
      updated_at: now,
      ...(vanished ? { lost_leases: sql`lost_leases + 1` } : {}),
    })
    .where("run_id", "=", message.runId)
    .where("stage", "=", message.stage)
    .where("attempt", "=", message.attempt)
    .execute();
  await tx
    .updateTable("runs")
    .set({
      status: "running",
      phase: message.stage,
      current_task_name: message.stage,
      started_at: sql`coalesce(started_at, clock_timestamp())`,
      updated_at: now,
    })
    .where("id", "=", message.runId)
    .execute();
}
