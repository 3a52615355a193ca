import { planRotation, rotatedNames } from "../../../cli/secrets/rotation-plan";
import { planSecrets } from "../../../cli/secrets/secret-plan";
import type { SecretSituation } from "../../../cli/secrets/secret-plan";
import type { SecretConsumer } from "../../../runtime/contract";
import { isHashOf } from "../../../cli/secrets/password-verifiers";

const ALL = { broker: true, database: true };

test.each<[asked: string[], own: typeof ALL, names: string[]]>([
  [[], ALL, ["postgres_password", "rabbitmq_password", "fleet_api_token"]],
  [["FLEET_API_TOKEN"], ALL, ["fleet_api_token"]],
  [["fleet_api_token", "postgres_password"], ALL, ["postgres_password", "fleet_api_token"]],
  [[], { broker: false, database: true }, ["postgres_password", "fleet_api_token"]],
])("%j with %j rotates %j", (asked, own, names) => {
  expect(rotatedNames(asked, own, "dev")).toEqual(names);
});

test.each([
  ["github_token", ALL, "github_token is yours and cannot be generated: npm run -s fleet -- secrets set dev github_token"],
  [
    "rabbitmq_password",
    { broker: false, database: true },
    "rabbitmq_password is yours and cannot be generated: npm run -s fleet -- secrets set dev rabbitmq_password",
  ],
  ["passwort", ALL, 'no secret is called "passwort"; you can rotate postgres_password, rabbitmq_password, fleet_api_token'],
])("refuses %s with %j", (name, own, message) => {
  expect(() => rotatedNames([name], own, "dev")).toThrow(message);
});

describe("of a complete environment", () => {
  const stored = new Map<string, string>();
  let made = 0;
  const situation: SecretSituation = {
    environment: "dev",
    existing: (consumer, name) => stored.get(`${consumer}/${name}`),
    databaseInitialised: true,
    own: ALL,
    makePassword: () => `password-${++made}`,
    brokerDefinitions: (hashes) => ({
      users: [
        { name: "api", password_hash: hashes.api },
        { name: "worker", password_hash: hashes.worker },
      ],
    }),
  };
  for (const { consumer, name, content } of planSecrets({ ...situation, databaseInitialised: false }))
    stored.set(`${consumer}/${name}`, content);
  const before = new Map(stored);
  const written = (names: string[]) =>
    planRotation(situation, names).map(({ consumer, name, reason, content }) => ({ file: `${consumer}/${name}`, reason, content }));

  test.each<[name: string, files: string[]]>([
    [
      "postgres_password",
      ["postgres/postgres_password", "api/postgres_password", "codex-worker/postgres_password", "gemini-worker/postgres_password"],
    ],
    ["fleet_api_token", ["api/fleet_api_token"]],
    [
      "rabbitmq_password",
      ["api/rabbitmq_password", "codex-worker/rabbitmq_password", "gemini-worker/rabbitmq_password", "rabbitmq/definitions/fleet.json"],
    ],
  ])("%s alone writes its holders", (name, files) => {
    const writes = written([name]);
    expect(writes.map(({ file, reason }) => [file, reason])).toEqual(files.map((file) => [file, "replaced"]));
    expect(writes.filter(({ file, content }) => before.get(file) === content)).toEqual([]);
  });

  test("the broker's users get hashes of their new passwords", () => {
    const writes = new Map<SecretConsumer | string, string>(written(["rabbitmq_password"]).map(({ file, content }) => [file, content]));
    const { users } = JSON.parse(writes.get("rabbitmq/definitions/fleet.json")!) as { users: { name: string; password_hash: string }[] };
    expect(
      users.map(({ name, password_hash: hash }) => [
        name,
        isHashOf(hash, writes.get(`${name === "api" ? "api" : "codex-worker"}/rabbitmq_password`)!),
      ]),
    ).toEqual([
      ["api", true],
      ["worker", true],
    ]);
  });
});
