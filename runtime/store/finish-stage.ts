import { sql } from "kysely";
import type { RunStatus, Stage, StageExecutionDecision, WorkflowTaskStatePayload } from "../contract";
import type { NewArtifact, StageClaim } from "./claim";
import { activeFeatureConflict } from "./conflict";
import type { Database, StoreTransaction } from "./database";
import { recordFailure } from "./failure";
import type { Failure } from "./failure";
import { freeLease, underLease } from "./lease";
import { enqueue } from "./outbox";
import { runColumns } from "./run-record";
import type { RunFields } from "./run-record";

/** Result of a stage that succeeded or was skipped. */
export interface StageCompletion {
  readonly status: "succeeded" | "skipped";
  readonly message: string;
  readonly payload: WorkflowTaskStatePayload;
  readonly artifacts: readonly NewArtifact[];
  readonly run?: Partial<RunFields>;
  /** The stage that runs next; null ends the run. */
  readonly next: Stage | null;
  /** State of a run that ends here. @default "succeeded" */
  readonly runStatus?: RunStatus;
}

/** Result of a stage that failed. */
export interface StageFailure extends Failure {
  readonly artifacts?: readonly NewArtifact[];
}

/**
 * Records in the task what will really run, before it runs.
 *
 * @throws StaleLeaseError
 */
export async function recordDecision(db: Database, claim: StageClaim, decision: StageExecutionDecision): Promise<void> {
  await underLease(db, claim, async (tx) => {
    await updateTask(tx, claim, { payload: sql`payload || ${JSON.stringify(decision)}::jsonb` });
  });
}

/**
 * Ends a stage and wakes the next one, in one transaction.
 *
 * @returns ids of the outbox rows to publish; empty when the run ended. When another run already works on the feature
 * that discover picked, task and run fail with the code `workflow_conflict`.
 * @throws StaleLeaseError
 */
export async function completeStage(db: Database, claim: StageClaim, completion: StageCompletion): Promise<number[]> {
  try {
    return await underLease(db, claim, (tx) => complete(tx, claim, completion));
  } catch (error) {
    if (!activeFeatureConflict(error)) throw error;
    await failStage(db, claim, featureTaken(claim, completion));
    return [];
  }
}

/**
 * Ends stage and run as failed.
 *
 * @throws StaleLeaseError
 */
export async function failStage(db: Database, claim: StageClaim, failure: StageFailure): Promise<void> {
  await underLease(db, claim, async (tx) => {
    await saveArtifacts(tx, claim, failure.artifacts ?? []);
    await recordFailure(tx, claim, failure);
  });
}

/**
 * Gives back an unfinished stage of a worker that stops or waits: the task is queued again and can be claimed at once.
 * The caller keeps its message; a caller without one passes `enqueue: true` to create one.
 *
 * @throws StaleLeaseError
 */
export async function releaseStage(db: Database, claim: StageClaim, options: { readonly enqueue: boolean }): Promise<number[]> {
  return underLease(db, claim, async (tx) => {
    await updateTask(tx, claim, { status: "queued", payload: JSON.stringify(claim.payload) });
    await freeLease(tx, claim.runId);
    return options.enqueue ? [await enqueue(tx, claim)] : [];
  });
}

async function complete(tx: StoreTransaction, claim: StageClaim, completion: StageCompletion): Promise<number[]> {
  const now = sql<Date>`clock_timestamp()`;
  await updateTask(tx, claim, {
    status: completion.status,
    message: completion.message,
    payload: JSON.stringify(completion.payload),
    finished_at: now,
  });
  await saveArtifacts(tx, claim, completion.artifacts);
  const fields = { ...runColumns(completion.run ?? {}), updated_at: now };
  const runs = tx.updateTable("runs").where("id", "=", claim.runId);
  if (completion.next !== null) {
    await runs.set({ ...fields, phase: completion.next, current_task_name: completion.next }).execute();
    await freeLease(tx, claim.runId);
    return [
      await enqueue(tx, { runId: claim.runId, stage: completion.next, attempt: await queuedAttempt(tx, claim.runId, completion.next) }),
    ];
  }
  const status = completion.runStatus ?? "succeeded";
  await runs.set({ ...fields, status, phase: "complete", current_task_name: null, finished_at: now, completed_at: now }).execute();
  await skipQueued(tx, claim, `not needed: the run ended with ${claim.stage}`);
  await freeLease(tx, claim.runId);
  return [];
}

async function updateTask(tx: StoreTransaction, claim: StageClaim, values: Record<string, unknown>): Promise<void> {
  await tx
    .updateTable("tasks")
    .set({ ...values, updated_at: sql`clock_timestamp()` })
    .where("id", "=", claim.taskId)
    .execute();
}

async function saveArtifacts(tx: StoreTransaction, claim: StageClaim, artifacts: readonly NewArtifact[]): Promise<void> {
  if (artifacts.length === 0) return;
  await tx
    .insertInto("artifacts")
    .values(
      artifacts.map((artifact) => ({
        run_id: claim.runId,
        task_id: claim.taskId,
        artifact_type: artifact.artifactType,
        path: artifact.path,
        content_type: artifact.contentType,
        size_bytes: artifact.sizeBytes,
        digest: artifact.digest,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["run_id", "artifact_type", "path"]).doUpdateSet((row) => ({
        task_id: row.ref("excluded.task_id"),
        content_type: row.ref("excluded.content_type"),
        size_bytes: row.ref("excluded.size_bytes"),
        digest: row.ref("excluded.digest"),
      })),
    )
    .execute();
  await updateTask(tx, claim, { artifact_paths: JSON.stringify(artifacts.map((artifact) => artifact.path)) });
}

async function queuedAttempt(tx: StoreTransaction, runId: string, stage: Stage): Promise<number> {
  const row = await tx
    .selectFrom("tasks")
    .select("attempt")
    .where("run_id", "=", runId)
    .where("stage", "=", stage)
    .where("status", "=", "queued")
    .orderBy("attempt", "desc")
    .executeTakeFirst();
  if (row === undefined)
    throw new Error(`run ${runId} has no queued task for the stage ${stage}: one is made with the run and with each retry`);
  return row.attempt;
}

async function skipQueued(tx: StoreTransaction, claim: StageClaim, message: string): Promise<void> {
  const now = sql<Date>`clock_timestamp()`;
  await tx
    .updateTable("tasks")
    .set({ status: "skipped", message, finished_at: now, updated_at: now })
    .where("run_id", "=", claim.runId)
    .where("status", "=", "queued")
    .execute();
}

function featureTaken(claim: StageClaim, completion: StageCompletion): StageFailure {
  const feature = completion.run?.featureKey ?? claim.run.featureKey ?? "";
  return {
    code: "workflow_conflict",
    reason: `another run already works on the feature "${feature}" of ${claim.run.repository}`,
    remediation: "wait until that run is finished, then retry this one",
    message: `feature "${feature}" is taken by another run`,
    artifacts: completion.artifacts,
  };
}
