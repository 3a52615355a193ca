import { Kysely, PostgresDialect } from "kysely";
import type { Transaction } from "kysely";
import { Pool, types } from "pg";
import type { Configuration, VariableName } from "../contract";
import type { Tables } from "./schema";

export type Database = Kysely<Tables>;
export type StoreTransaction = Transaction<Tables>;

/** Variables `openDatabase` reads. */
export const DATABASE_VARIABLES = [
  "POSTGRES_HOST",
  "POSTGRES_PORT",
  "POSTGRES_USER",
  "POSTGRES_DB",
  "POSTGRES_PASSWORD",
] as const satisfies readonly VariableName[];
export type DatabaseConfiguration = Configuration<(typeof DATABASE_VARIABLES)[number]>;

export interface DatabaseOptions {
  /** Maximum number of connections. @default 4 */
  readonly connections?: number;
  /** Name of the program as PostgreSQL shows it. @default "codex-fleet" */
  readonly application?: string;
  /** Called before each new connection, so that a long-running program sees a rotated password. @default - the configuration's */
  readonly password?: () => string | undefined;
}

const INT8 = 20;

/** Opens a connection pool. It connects at the first query; `destroy()` closes it. */
export function openDatabase(config: DatabaseConfiguration, options: DatabaseOptions = {}): Database {
  const pool = new Pool({
    host: config.POSTGRES_HOST,
    port: config.POSTGRES_PORT,
    user: config.POSTGRES_USER,
    database: config.POSTGRES_DB,
    password: () => (options.password === undefined ? config.POSTGRES_PASSWORD : options.password()) ?? "",
    max: options.connections ?? 4,
    application_name: options.application ?? "codex-fleet",
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    // Our 64-bit columns hold counts of rows, tokens and bytes, all far below 2^53.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format as "text")) },
  });
  // Without a listener the process ends when PostgreSQL closes an idle connection. The next query reports the error anyway.
  pool.on("error", () => undefined);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}
