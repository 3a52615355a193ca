import type { Database, StoreTransaction } from "./database";

/** A run for the same repository and feature is not finished yet. */
export class RunConflictError extends Error {
  constructor(
    readonly runId: string | null,
    repository: string,
    featureKey: string | null,
  ) {
    const feature = featureKey === null ? "without a feature key" : `for the feature "${featureKey}"`;
    super(
      `a run of ${repository} ${feature} is not finished yet${runId === null ? "" : `: ${runId}`}; wait for it, or name another feature`,
    );
    this.name = "RunConflictError";
  }
}

/** Whether PostgreSQL refused a second unfinished run of one repository and feature. */
export function activeFeatureConflict(error: unknown): boolean {
  const { code, constraint } = (error ?? {}) as { code?: string; constraint?: string };
  return code === "23505" && constraint === "runs_active_feature";
}

/** The unfinished run of a repository and feature, if there still is one. */
export async function activeRun(db: Database | StoreTransaction, repository: string, featureKey: string | null): Promise<string | null> {
  const row = await db
    .selectFrom("runs")
    .select("id")
    .where("repository", "=", repository)
    .where("feature_key", "is not distinct from", featureKey)
    .where("status", "in", ["pending", "running", "retrying"])
    .executeTakeFirst();
  return row?.id ?? null;
}
