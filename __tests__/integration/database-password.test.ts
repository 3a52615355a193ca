import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { sql } from "kysely";
import { scramVerifier } from "../../cli/secrets/password-verifiers";
import { readConfiguration } from "../../runtime/contract";
import { DATABASE_VARIABLES, openDatabase } from "../../runtime/store";
import type { Database } from "../../runtime/store";
import { startPostgres } from "../support/postgres";
import type { PostgresServer } from "../support/postgres";

/** A rotated database password, with programs that were started with the old one. */

const ROTATED = "rotated-database-password";

jest.setTimeout(60_000);

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres?.stop();
});

test("a program that asks for the password at each connection goes on, one that does not is refused", async () => {
  const config = readConfiguration(DATABASE_VARIABLES, postgres.environment);
  let password = postgres.password;
  const [following, keeping] = [openDatabase(config, { password: () => password }), openDatabase(config)];
  try {
    expect([await answers(following), await answers(keeping)]).toEqual([true, true]);

    const administrator = new Client({ ...postgres });
    await administrator.connect();
    await administrator.query(`ALTER ROLE "fleet" PASSWORD '${scramVerifier(ROTATED, randomBytes(16))}'`);
    password = ROTATED;
    expect([await answers(following), await answers(keeping)]).toEqual([true, true]);

    // Existing connections stay open, so close them, as a restart or an idle timeout would.
    await administrator.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'fleet'");
    await administrator.end();
    await Promise.all([answers(following), answers(keeping)]);
    expect([await answers(following), await answers(keeping)]).toEqual([true, false]);
  } finally {
    await Promise.all([following.destroy(), keeping.destroy()]);
  }
});

async function answers(db: Database): Promise<boolean> {
  return sql`SELECT 1`.execute(db).then(
    () => true,
    () => false,
  );
}
