import { sql } from "kysely";
import type { StoreTransaction } from "./database";
import { freeLease } from "./lease";
import type { TaskKey } from "./outbox";
import { runColumns } from "./run-record";
import type { RunFields } from "./run-record";

/** Why a stage failed, and what a person does about it. */
export interface Failure {
  /** Stable, snake case: `codex_preflight_failed`. */
  readonly code: string;
  /** What precisely went wrong. */
  readonly reason: string;
  /** What to do about it. */
  readonly remediation: string;
  /** One sentence for the task row. */
  readonly message: string;
  /** Further keys of the payload. */
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly run?: Partial<RunFields>;
}

/** Marks task and run as failed and frees the lease; the payload keeps the execution decision. */
export async function recordFailure(tx: StoreTransaction, task: TaskKey, failure: Failure): Promise<void> {
  const now = sql<Date>`clock_timestamp()`;
  const payload = { ...failure.payload, code: failure.code, reason: failure.reason, remediation: failure.remediation };
  await tx
    .updateTable("tasks")
    .set({
      status: "failed",
      message: failure.message,
      payload: sql`payload || ${JSON.stringify(payload)}::jsonb`,
      finished_at: now,
      updated_at: now,
    })
    .where("run_id", "=", task.runId)
    .where("stage", "=", task.stage)
    .where("attempt", "=", task.attempt)
    .execute();
  await tx
    .updateTable("runs")
    .set({ ...runColumns(failure.run ?? {}), status: "failed", current_task_name: null, finished_at: now, updated_at: now })
    .where("id", "=", task.runId)
    .execute();
  await tx.deleteFrom("outbox").where("run_id", "=", task.runId).execute();
  await freeLease(tx, task.runId);
}

/** Workers that held the task stopped renewing their lease more often than a message may be delivered. */
export const WORKER_LOST: Failure = {
  code: "worker_lost",
  reason: "the stage lost its worker too often: the worker stopped renewing the lease",
  remediation: "look at the worker's log for the reason, often too little memory, then retry the run",
  message: "given up: the stage lost its worker too often",
};
