import { isHashOf } from "../../../cli/secrets/password-verifiers";
import { planSecrets } from "../../../cli/secrets/secret-plan";
import type { BrokerHashes, SecretSituation } from "../../../cli/secrets/secret-plan";
import type { SecretConsumer } from "../../../runtime/contract";

type Files = Readonly<Record<string, string>>;

function situation(files: Files, changes: Partial<SecretSituation> = {}): SecretSituation {
  let made = 0;
  return {
    environment: "demo",
    existing: (consumer: SecretConsumer, name: string) => files[`${consumer}/${name}`],
    databaseInitialised: false,
    own: { broker: true, database: true },
    makePassword: () => `made-${++made}`,
    brokerDefinitions: (hashes: BrokerHashes) => ({
      users: [
        { name: "api", password_hash: hashes.api },
        { name: "worker", password_hash: hashes.worker },
      ],
    }),
    ...changes,
  };
}

function plan(files: Files, changes: Partial<SecretSituation> = {}): Record<string, string> {
  const writes = planSecrets(situation(files, changes));
  return Object.fromEntries(
    writes.map(({ consumer, name, content, reason }) => [
      `${consumer}/${name}`,
      name === "definitions/fleet.json" ? reason : `${reason} ${content}`,
    ]),
  );
}

function after(files: Files, changes: Partial<SecretSituation> = {}): Files {
  const writes = planSecrets(situation(files, changes));
  return { ...files, ...Object.fromEntries(writes.map(({ consumer, name, content }) => [`${consumer}/${name}`, content])) };
}

function without(files: Files, ...names: string[]): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
}

test("makes everything for a new environment, one value for each shared secret", () => {
  expect(plan({})).toEqual({
    "postgres/postgres_password": "made made-1",
    "api/postgres_password": "made made-1",
    "codex-worker/postgres_password": "made made-1",
    "gemini-worker/postgres_password": "made made-1",
    "api/rabbitmq_password": "made made-2",
    "codex-worker/rabbitmq_password": "made made-3",
    "gemini-worker/rabbitmq_password": "made made-3",
    "api/fleet_api_token": "made made-4",
    "rabbitmq/definitions/fleet.json": "made",
  });
});

test("changes nothing the second time", () => {
  expect(plan(after({}), { databaseInitialised: true })).toEqual({});
});

test("completes what is missing with the existing value; the database's own password takes precedence", () => {
  const rest = without(after({}), "gemini-worker/postgres_password", "codex-worker/rabbitmq_password");
  expect(plan({ ...rest, "api/postgres_password": "stale" }, { databaseInitialised: true })).toEqual({
    "api/postgres_password": "replaced made-1",
    "gemini-worker/postgres_password": "completed made-1",
    "codex-worker/rabbitmq_password": "completed made-3",
  });
});

test("takes a lost database password back from a reader", () => {
  const rest = without(after({}), "postgres/postgres_password");
  expect(plan(rest, { databaseInitialised: true })).toEqual({ "postgres/postgres_password": "completed made-1" });
});

test("fails when a database exists and no volume has its password", () => {
  expect(() => planSecrets(situation({}, { databaseInitialised: true }))).toThrow(
    'the volume demo-postgres-data holds a database, but no volume holds its password any more: restore demo-secrets-postgres, or delete the database with "docker volume rm demo-postgres-data"',
  );
});

test("definitions carry hashes of the passwords and keep their salt", () => {
  const first = after({});
  const { users } = JSON.parse(first["rabbitmq/definitions/fleet.json"]!) as { users: { name: string; password_hash: string }[] };
  expect(
    users.map(({ name, password_hash }) => [
      name,
      isHashOf(password_hash, first[`${name === "api" ? "api" : "codex-worker"}/rabbitmq_password`]!),
    ]),
  ).toEqual([
    ["api", true],
    ["worker", true],
  ]);
  const queueAdded = (hashes: BrokerHashes) => ({ users: [{ name: "api", password_hash: hashes.api }], queues: ["new"] });
  const second = after(first, { brokerDefinitions: queueAdded });
  expect(JSON.parse(second["rabbitmq/definitions/fleet.json"]!)).toEqual({ users: [users[0]], queues: ["new"] });
});

test.each([
  ["a password that changed", (files: Files) => ({ ...files, "api/rabbitmq_password": "other" })],
  ["definitions that are no JSON", (files: Files) => ({ ...files, "rabbitmq/definitions/fleet.json": "{" })],
])("writes the definitions again after %s", (_what, spoil) => {
  expect(plan(spoil(after({})))).toEqual({ "rabbitmq/definitions/fleet.json": "replaced" });
});

test("makes no secrets for a broker and a database that are not the fleet's own", () => {
  expect(plan({}, { own: { broker: false, database: false }, databaseInitialised: true })).toEqual({
    "api/fleet_api_token": "made made-1",
  });
});

test.each([
  ["test12", true],
  ["test13", false],
])("a hash RabbitMQ made of test12 is one of %s: %s", (password, same) => {
  // Example of RabbitMQ's documentation: password test12, salt 908DC60A.
  expect(isHashOf("kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR", password)).toBe(same);
});
