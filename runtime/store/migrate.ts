import { Migrator, sql } from "kysely";
import type { Database } from "./database";
import { MIGRATIONS } from "./migrations";

/** Schema version this code needs: the number of its migrations. */
export const SCHEMA_VERSION = Object.keys(MIGRATIONS).length;

/**
 * Migrates the schema to this code's version. Several processes may call it at once: an advisory lock admits one at a
 * time. A schema newer than this code stays as it is.
 *
 * @throws the database's error when a migration fails; the whole migration is rolled back.
 */
export async function migrate(db: Database): Promise<number> {
  if ((await schemaVersion(db)) >= SCHEMA_VERSION) return schemaVersion(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return schemaVersion(db);
}

/** Number of migrations the database has; 0 for an empty database. */
export async function schemaVersion(db: Database): Promise<number> {
  const table = await sql<{ present: boolean }>`SELECT to_regclass('kysely_migration') IS NOT NULL AS present`.execute(db);
  if (table.rows[0]?.present !== true) return 0;
  const count = await sql<{ version: number }>`SELECT count(*) AS version FROM kysely_migration`.execute(db);
  return count.rows[0]?.version ?? 0;
}
