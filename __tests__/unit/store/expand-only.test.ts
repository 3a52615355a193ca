import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import { MIGRATIONS } from "../../../runtime/store/migrations";

/** The statements of a migration, without a database. */
async function statementsOf(name: string): Promise<string[]> {
  const statements: string[] = [];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: (event) => {
      statements.push(event.query.sql);
    },
  });
  await MIGRATIONS[name]!.up(db);
  return statements;
}

test.each(Object.keys(MIGRATIONS))("%s only adds, so that the version before goes on working", async (name) => {
  const statements = await statementsOf(name);
  expect(statements.length).toBeGreaterThan(0);
  const taking = statements.filter((statement) => /\b(DROP|RENAME|TRUNCATE|DELETE FROM|ALTER COLUMN)\b/i.test(statement));
  expect(taking).toEqual([]);
});

test("names sort in the order they run in", () => {
  const names = Object.keys(MIGRATIONS);
  expect(names).toEqual([...names].sort());
});
