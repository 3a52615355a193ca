import { randomUUID } from "node:crypto";
import { STAGES } from "../contract";
import type { Agent, SkillOverrides, Stage, StageExecutionDecision } from "../contract";
import { activeFeatureConflict, activeRun, RunConflictError } from "./conflict";
import type { Database, StoreTransaction } from "./database";
import { enqueue } from "./outbox";
import type { RunRow } from "./schema";

/** A new run as requested. */
export interface NewRunRequest {
  readonly repository: string;
  /** Null lets discover pick the first feature with an open task. */
  readonly featureKey: string | null;
  readonly agent: Agent;
  readonly skillOverrides: SkillOverrides;
  readonly notes: string | null;
  readonly createdBy: string | null;
  /** Queue of the submit stage and volume of its login, as the API shows them. */
  readonly codexQueue: string;
  readonly codexVolume: string | null;
  /** Directory with one subdirectory per run; a run's artifacts are in `<root>/<run id>/artifacts`. */
  readonly workspaceRoot: string;
  readonly plannedDecisions: Readonly<Record<Stage, StageExecutionDecision>>;
}

/** A run and the outbox rows its creator should publish. */
export interface StartedRun {
  readonly run: RunRow;
  readonly outboxIds: readonly number[];
}

/**
 * Creates a run with its three queued tasks, its lease row and the message for discover, in one transaction.
 *
 * @throws RunConflictError when a run of the same repository and feature is not finished.
 */
export async function createRun(db: Database, request: NewRunRequest): Promise<StartedRun> {
  const id = randomUUID();
  try {
    return await db.transaction().execute(async (tx) => {
      const run = await tx
        .insertInto("runs")
        .values({
          id,
          repository: request.repository,
          feature_key: request.featureKey,
          agent: request.agent,
          skill_overrides: JSON.stringify(request.skillOverrides),
          notes: request.notes,
          created_by: request.createdBy,
          codex_queue: request.codexQueue,
          codex_volume: request.codexVolume,
          artifacts_path: `${request.workspaceRoot}/${id}/artifacts`,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await insertTasks(tx, id, STAGES, 1, request.plannedDecisions);
      await tx.insertInto("leases").values({ run_id: id, stage: "discover", attempt: 1, token: 0 }).execute();
      return { run, outboxIds: [await enqueue(tx, { runId: id, stage: "discover", attempt: 1 })] };
    });
  } catch (error) {
    if (!activeFeatureConflict(error)) throw error;
    throw new RunConflictError(await activeRun(db, request.repository, request.featureKey), request.repository, request.featureKey);
  }
}

/** Inserts queued tasks with the planned decision as payload. */
export async function insertTasks(
  tx: StoreTransaction,
  runId: string,
  stages: readonly Stage[],
  attempt: number,
  planned: Readonly<Record<Stage, StageExecutionDecision>>,
): Promise<void> {
  await tx
    .insertInto("tasks")
    .values(stages.map((stage) => ({ run_id: runId, stage, attempt, payload: JSON.stringify(planned[stage]) })))
    .execute();
}
