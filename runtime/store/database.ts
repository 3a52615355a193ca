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
  /** Connections at most. @default 4 */
  readonly connections?: number;
  /** Name of the program as PostgreSQL shows it. @default "codex-fleet" */
  readonly application?: string;
  /** Asked before each new connection, for a program that outlives a rotation of the password. @default - the configuration's */
  readonly password?: () => string | undefined;
}

const INT8 = 20;

/** A pool of connections; it connects with the first query and ends with `destroy()`. */
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
    // Our 64-bit columns count rows, tokens and bytes: all far below 2^53.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format as "text")) },
  });
  // Without a listener a connection that PostgreSQL closes while it is idle ends the process; the next query reports it.
  pool.on("error", () => undefined);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}
