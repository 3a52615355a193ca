import { AGENTS, ExitCode } from "../contract";
import { failed, ok, unavailable, warning } from "./check";
import type { Check, Outcome } from "./check";
import { NotYetError, waitFor } from "./wait-for";

/** In milliseconds; with a larger skew, times in logs and tables no longer show the order of events. */
const MOST_SKEW = 60_000;

/** The database answers and has the tables this worker writes. Waits for it, and for the API, which migrates it. */
export const databaseSchemaCheck: Check = {
  id: "database.schema",
  what: "the database answers and its schema is not older than this worker's; waits for both",
  workers: AGENTS,
  refuses: [ExitCode.UNAVAILABLE, ExitCode.CONFIGURATION],
  fix: "start the database and the API, which migrates the schema (69); correct user, password or name (78)",
  run: async (context) => {
    const { SCHEMA_VERSION, schemaVersion } = await import("../store");
    const { POSTGRES_HOST: host, POSTGRES_PORT: port, POSTGRES_DB: name, POSTGRES_USER: user } = context.config;
    const expected = `schema version ${SCHEMA_VERSION} or newer of ${name} at ${host}:${port}`;
    const db = await context.database();
    try {
      const version = await waitFor(async () => {
        const found = await schemaVersion(db).catch((error: Error & { code?: string }) => {
          throw databaseRefusal(error) === undefined ? new NotYetError(`the database does not answer: ${describe(error)}`) : error;
        });
        if (found < SCHEMA_VERSION) throw new NotYetError(`the schema has version ${found}`);
        return found;
      }, context.waiting);
      return ok(`schema version ${version} of ${name} at ${host}:${port}`, expected);
    } catch (error) {
      const refused = databaseRefusal(error as Error);
      if (refused !== undefined) return failed(`the database refused ${user}: ${describe(error as Error)}`, expected, refused);
      return unavailable(
        (error as Error).message,
        expected,
        "start the database and the API, which migrates the schema when it starts; or correct POSTGRES_HOST and POSTGRES_PORT",
      );
    }
  },
};

/** The database's clock decides when leases expire; logs and files have the time of this machine. */
export const clockCheck: Check = {
  id: "clock.skew",
  what: "this machine's clock and the database's agree within a minute",
  workers: AGENTS,
  refuses: [],
  fix: "set the clocks of both hosts by NTP",
  after: ["database.schema"],
  run: async (context) => {
    const { sql } = await import("kysely");
    const db = await context.database();
    const before = Date.now();
    const answer = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(db);
    return judgeClock(answer.rows[0]!.now.getTime(), before, Date.now());
  },
};

/** In milliseconds since 1970: the database's time, and this machine's right before and right after the query. */
export function judgeClock(database: number, before: number, after: number): Outcome {
  const apart = database < before ? before - database : Math.max(0, database - after);
  const found = `${(apart / 1000).toFixed(1)} s apart`;
  const expected = `at most ${MOST_SKEW / 1000} s`;
  return apart <= MOST_SKEW ? ok(found, expected) : warning(found, expected, "set the clocks of both hosts by NTP");
}

/** What to do about an error that waiting does not cure; undefined for all others. */
export function databaseRefusal(error: { readonly code?: string; readonly message: string }): string | undefined {
  // Without a password the driver itself fails, without an SQLSTATE.
  switch (error.message.startsWith("SASL") ? "28P01" : error.code) {
    case "28P01":
    case "28000":
      return "set POSTGRES_USER, and POSTGRES_PASSWORD to the password in the secrets volume of the database: codex-fleet secrets list";
    case "3D000":
      return "correct POSTGRES_DB, or create the database";
    case "42501":
      return "let POSTGRES_USER own the tables of POSTGRES_DB";
    default:
      return undefined;
  }
}

/** Some connection errors have only a code; those of a host with several addresses have only an error per address. */
function describe(error: Error & { code?: string; errors?: readonly Error[] }): string {
  return error.message || error.errors?.map((part) => part.message).join(", ") || error.code || error.name;
}
