import type { RunStatus } from "../contract";
import type { Database } from "./database";
import type { ArtifactRow, RunRow, TaskRow } from "./schema";

/** Filters of a list of runs; a run is listed when all given filters match. */
export interface RunFilter {
  readonly status?: RunStatus;
  readonly featureKey?: string;
  readonly createdBy?: string;
  /** Only runs created before the one with this sequence number. */
  readonly before?: number;
  readonly limit: number;
}

/** A page of runs, newest first. `nextBefore` is null on the last page. */
export interface RunPage {
  readonly runs: readonly RunRow[];
  readonly nextBefore: number | null;
}

export async function getRun(db: Database, runId: string): Promise<RunRow | undefined> {
  return db.selectFrom("runs").selectAll().where("id", "=", runId).executeTakeFirst();
}

export async function listRuns(db: Database, filter: RunFilter): Promise<RunPage> {
  let query = db.selectFrom("runs").selectAll();
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.featureKey !== undefined) query = query.where("feature_key", "=", filter.featureKey);
  if (filter.createdBy !== undefined) query = query.where("created_by", "=", filter.createdBy);
  if (filter.before !== undefined) query = query.where("sequence", "<", filter.before);
  // One row more than the limit tells whether there is a next page.
  const rows = await query
    .orderBy("sequence", "desc")
    .limit(filter.limit + 1)
    .execute();
  const runs = rows.slice(0, filter.limit);
  return { runs, nextBefore: rows.length > filter.limit ? runs.at(-1)!.sequence : null };
}

/** Tasks of the given runs in order of creation. */
export async function listTasks(db: Database, runIds: readonly string[]): Promise<TaskRow[]> {
  if (runIds.length === 0) return [];
  return db
    .selectFrom("tasks")
    .selectAll()
    .where("run_id", "in", [...runIds])
    .orderBy("sequence")
    .execute();
}

export async function listArtifacts(db: Database, runIds: readonly string[]): Promise<ArtifactRow[]> {
  if (runIds.length === 0) return [];
  return db
    .selectFrom("artifacts")
    .selectAll()
    .where("run_id", "in", [...runIds])
    .orderBy("created_at")
    .orderBy("path")
    .execute();
}
