import { sql } from "kysely";
import type { CodexWorkerStartupProfile } from "../contract";
import type { Database } from "./database";

/** Stores a worker's startup profile, one row per worker. */
export async function saveWorker(db: Database, profile: CodexWorkerStartupProfile): Promise<void> {
  const values = { profile: JSON.stringify(profile), started_at: profile.startedAt };
  await db
    .insertInto("workers")
    .values({ name: profile.worker, ...values })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ ...values, updated_at: sql`clock_timestamp()` }))
    .execute();
}

/** Every worker that ever reported, the latest first. */
export async function listWorkers(db: Database): Promise<CodexWorkerStartupProfile[]> {
  const rows = await db.selectFrom("workers").select("profile").orderBy("updated_at", "desc").execute();
  return rows.map((row) => row.profile);
}
