import { sql } from "kysely";
import { STAGES } from "../contract";
import type { RetryMode, Stage, StageExecutionDecision } from "../contract";
import { activeFeatureConflict, activeRun, RunConflictError } from "./conflict";
import { insertTasks } from "./create-run";
import type { StartedRun } from "./create-run";
import type { Database, StoreTransaction } from "./database";
import { enqueue } from "./outbox";
import type { TaskRow } from "./schema";

/** How to retry a failed run. */
export interface RetryRequest {
  readonly mode: RetryMode;
  readonly notes: string | null;
  readonly plannedDecisions: Readonly<Record<Stage, StageExecutionDecision>>;
}

/** The run's state does not allow a retry. */
export class RetryError extends Error {
  constructor(
    readonly code: "retry_not_allowed" | "retry_not_applicable",
    message: string,
  ) {
    super(message);
    this.name = "RetryError";
  }
}

/**
 * Queues a failed run's remaining stages again, with the next attempt number, in one transaction.
 *
 * @returns undefined when there is no such run.
 * @throws RetryError when the run did not fail or no stage remains; RunConflictError when another run has the feature.
 */
export async function retryRun(db: Database, runId: string, request: RetryRequest): Promise<StartedRun | undefined> {
  try {
    return await db.transaction().execute((tx) => retry(tx, runId, request));
  } catch (error) {
    if (!activeFeatureConflict(error)) throw error;
    const run = await db.selectFrom("runs").selectAll().where("id", "=", runId).executeTakeFirstOrThrow();
    throw new RunConflictError(await activeRun(db, run.repository, run.feature_key), run.repository, run.feature_key);
  }
}

/** The stages from the first one that has not succeeded, in order. */
export function remainingStages(mode: RetryMode, tasks: readonly Pick<TaskRow, "stage" | "attempt" | "status">[]): readonly Stage[] {
  if (mode === "restart_from_discovery") return STAGES;
  const latest = (stage: Stage) =>
    tasks
      .filter((task) => task.stage === stage)
      .reduce((a, b) => (b.attempt > a.attempt ? b : a), { attempt: 0, status: "queued" } as { attempt: number; status: string });
  const first = STAGES.findIndex((stage) => latest(stage).status !== "succeeded");
  return first === -1 ? [] : STAGES.slice(first);
}

async function retry(tx: StoreTransaction, runId: string, request: RetryRequest): Promise<StartedRun | undefined> {
  // Lock the lease row first, as every claim, end and retry of a run does, so that they wait for each other.
  const lease = await tx.selectFrom("leases").select("run_id").where("run_id", "=", runId).forUpdate().executeTakeFirst();
  if (lease === undefined) return undefined;
  const before = await tx.selectFrom("runs").selectAll().where("id", "=", runId).executeTakeFirstOrThrow();
  if (before.status !== "failed") {
    throw new RetryError("retry_not_allowed", `run ${runId} is ${before.status}: only a failed run can be retried`);
  }
  const tasks = await tx.selectFrom("tasks").selectAll().where("run_id", "=", runId).execute();
  const stages = remainingStages(request.mode, tasks);
  const first = stages[0];
  if (first === undefined) {
    throw new RetryError(
      "retry_not_applicable",
      `every stage of run ${runId} succeeded: use the mode restart_from_discovery, or start a new run`,
    );
  }
  const attempt = Math.max(0, ...tasks.filter((task) => stages.includes(task.stage)).map((task) => task.attempt)) + 1;
  const now = sql<Date>`clock_timestamp()`;
  await tx
    .updateTable("tasks")
    .set({ status: "skipped", message: `superseded by attempt ${attempt}`, finished_at: now, updated_at: now })
    .where("run_id", "=", runId)
    .where("status", "=", "queued")
    .execute();
  await insertTasks(tx, runId, stages, attempt, request.plannedDecisions);
  const notes = [before.notes, request.notes].filter((text) => text !== null && text !== "").join("\n\n");
  const run = await tx
    .updateTable("runs")
    .set({
      status: "running",
      phase: first,
      current_task_name: first,
      notes: notes === "" ? null : notes,
      finished_at: null,
      completed_at: null,
      updated_at: now,
    })
    .where("id", "=", runId)
    .returningAll()
    .executeTakeFirstOrThrow();
  return { run, outboxIds: [await enqueue(tx, { runId, stage: first, attempt })] };
}
