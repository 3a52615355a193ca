import { ResourceNames } from "../../../constructs";

test("every name begins with the environment", () => {
  const names = new ResourceNames("dev");
  expect({
    ...names,
    containers: [names.container("api"), names.container("celery_codex_worker", 2)],
    secrets: names.secrets("codex-worker"),
  }).toEqual({
    environment: "dev",
    fleetStack: "dev",
    dataStack: "dev-data",
    networks: { backplane: "dev-backplane", edge: "dev-edge", egress: "dev-egress" },
    volumes: { rabbitmq: "dev-rabbitmq-data", postgres: "dev-postgres-data", workspaces: "dev-speckit_workspaces" },
    containers: ["dev-api", "dev-celery_codex_worker-2"],
    secrets: "dev-secrets-codex-worker",
  });
});

test.each(["", "Dev", "a_b", "-a", "a-", "x".repeat(33), "dev-data"])("fails for %j", (name) => {
  expect(() => new ResourceNames(name)).toThrow(/^environment name must/);
});
