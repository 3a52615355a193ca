import { synthesizedFleet } from "../../support/synthesized";
import type { Json, Stack } from "../../support/synthesized";

const volumes = (stack: Stack): Json[] => Object.values(stack.resource.docker_volume ?? {});
const namesOf = (stack: Stack): unknown[] =>
  volumes(stack)
    .map((volume) => volume.name)
    .sort();

test("has all volumes, protected, and three networks, one of them internal", () => {
  const { data } = synthesizedFleet();
  expect(Object.keys(data.resource)).toEqual(["docker_network", "docker_volume"]);
  expect(Object.values(data.resource.docker_network!)).toEqual([
    { name: "test-backplane", internal: true },
    { name: "test-edge" },
    { name: "test-egress" },
  ]);
  expect(namesOf(data)).toEqual([
    "codex_auth_volume",
    "test-postgres-data",
    "test-rabbitmq-data",
    "test-secrets-api",
    "test-secrets-codex-worker",
    "test-secrets-gemini-worker",
    "test-secrets-postgres",
    "test-secrets-rabbitmq",
    "test-speckit_workspaces",
  ]);
  expect(volumes(data).map(({ lifecycle }) => lifecycle)).toEqual(
    volumes(data).map(() => ({ prevent_destroy: true, ignore_changes: ["labels", "driver", "driver_opts"] })),
  );
});

test("an imported login volume is not made", () => {
  const { data } = synthesizedFleet({ codex: { volume_imported: true } });
  expect(namesOf(data)).not.toContain("codex_auth_volume");
  expect(volumes(data)).toHaveLength(8);
});

test("an existing broker and database have no volumes here", () => {
  const { data } = synthesizedFleet({ broker: { url: "amqp://mq.example:5672//" }, database: { host: "db.example" } });
  expect(namesOf(data)).toEqual([
    "codex_auth_volume",
    "test-secrets-api",
    "test-secrets-codex-worker",
    "test-secrets-gemini-worker",
    "test-speckit_workspaces",
  ]);
});

test("protection can be given up, in words", () => {
  const { data } = synthesizedFleet({ data: { protect: false } });
  expect(volumes(data).map(({ lifecycle }) => (lifecycle as Json).prevent_destroy)).toEqual(volumes(data).map(() => false));
});
