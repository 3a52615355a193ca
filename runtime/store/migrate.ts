import { Migrator, sql } from "kysely";
import type { Database } from "./database";
import { MIGRATIONS } from "./migrations";

/** Schema version this code needs: the number of its migrations. */
export const SCHEMA_VERSION = Object.keys(MIGRATIONS).length;

/**
 * Brings the schema up to this code's version. Safe to run from several processes at once: an advisory lock lets one
 * through at a time. A schema that is newer than this code is left alone.
 *
 * @throws the database's error when a migration fails; it is rolled back as a whole.
 */
export async function migrate(db: Database): Promise<number> {
  if ((await schemaVersion(db)) >= SCHEMA_VERSION) return schemaVersion(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return schemaVersion(db);
}

/** How many migrations the database has; 0 for an empty one. */
export async function schemaVersion(db: Database): Promise<number> {
  const table = await sql<{ present: boolean }>`SELECT to_regclass('kysely_migration') IS NOT NULL AS present`.execute(db);
  if (table.rows[0]?.present !== true) return 0;
  const count = await sql<{ version: number }>`SELECT count(*) AS version FROM kysely_migration`.execute(db);
  return count.rows[0]?.version ?? 0;
}
