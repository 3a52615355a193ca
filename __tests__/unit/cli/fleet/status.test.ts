import { Testing } from "cdktf";
import { Environment } from "../../../../constructs/environment";
import type { EnvironmentInput } from "../../../../constructs/environment-schema";
import { conditionOf } from "../../../../cli/docker/container-state";
import { declaredServices } from "../../../../cli/fleet/service-status";
import type { FleetStatus, ServiceStatus } from "../../../../cli/fleet/service-status";
import { age, statusExitCode, statusLines } from "../../../../cli/fleet/show-status";
import { FleetStack } from "../../../../constructs/fleet-stack";
import { ContainerLabel } from "../../../../runtime/contract";

const NOW = Date.parse("2026-01-02T00:10:00Z");
const API: ServiceStatus = {
  ...{ service: "api", engine: "docker", container: "dev-api", process: null, state: "running", health: "healthy", phase: null },
  ...{ since: "2026-01-02T00:00:00Z", ok: true },
};
const WORKER: ServiceStatus = {
  ...API,
  service: "celery_codex_worker",
  container: "dev-celery_codex_worker-1",
  phase: "waiting_for_login",
};
const ABSENT: ServiceStatus = { ...API, service: "rabbitmq", container: null, state: "absent", health: null, since: null, ok: false };

const docker = (...services: ServiceStatus[]): FleetStatus => ({ engine: "docker", services });

test("a healthy fleet", () => {
  expect(statusLines("dev", docker(API, WORKER), NOW)).toEqual([
    "dev-api                    running (healthy) for 10 min",
    "dev-celery_codex_worker-1  running (healthy) for 10 min  waiting for login",
  ]);
  expect(statusExitCode([API, WORKER])).toBe(0);
});

test("a fleet with an unhealthy or absent service says so, with exit code 3", () => {
  const ill: ServiceStatus = { ...API, state: "exited", health: null, ok: false };
  expect(statusLines("dev", docker(ill, WORKER, ABSENT), NOW)).toEqual([
    "dev-api                    exited for 10 min",
    "dev-celery_codex_worker-1  running (healthy) for 10 min  waiting for login",
    "rabbitmq                   absent",
    "not healthy: api, rabbitmq; npm run -s fleet -- up dev starts missing services and reports what is wrong with the others",
  ]);
  expect(statusExitCode([ill, WORKER])).toBe(3);
});

test("a fleet that is down says how it comes up, with exit code 3", () => {
  expect(statusLines("dev", docker(), NOW)).toEqual(["dev is not up: npm run -s fleet -- up dev"]);
  expect(statusExitCode([])).toBe(3);
});

test("processes of the local engine", () => {
  expect(statusLines("dev", { engine: "local", services: [] }, NOW)).toEqual(["dev is not up: npm run -s fleet -- up dev --engine local"]);
  const local: ServiceStatus = { ...API, engine: "local", container: null, process: 41, health: null };
  const ended: ServiceStatus = { ...local, service: "postgres", process: null, state: "ended", since: null, ok: false };
  expect(statusLines("dev", { engine: "local", services: [local, ended] }, NOW)).toEqual([
    "api       running (process 41) for 10 min",
    "postgres  ended",
    "not healthy: postgres; npm run -s fleet -- up dev --engine local starts missing services and reports what is wrong with the others",
  ]);
});

test.each([
  [0, "0 s"],
  [119_400, "119 s"],
  [120_000, "2 min"],
  [7_199_000, "120 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 days"],
])("%d ms are %s", (milliseconds, words) => {
  expect(age(milliseconds)).toBe(words);
});

test.each([
  ["a healthy one", { Status: "running", Running: true, Health: { Status: "healthy" } }, "running", "healthy", "2026-01-01T00:00:00.500Z"],
  ["one without a health check", { Status: "running", Running: true }, "running", null, "2026-01-01T00:00:00.500Z"],
  ["a paused one", { Status: "paused", Running: true, Health: { Status: "healthy" } }, "paused", "healthy", "2026-01-01T00:00:00.500Z"],
  ["one that ended", { Status: "exited", Running: false, Health: { Status: "unhealthy" } }, "exited", null, "2026-01-01T01:00:00.000Z"],
  [
    "one that was never started",
    { Status: "created", Running: false, StartedAt: "0001-01-01T00:00:00Z", FinishedAt: "0001-01-01T00:00:00Z" },
    "created",
    null,
    null,
  ],
])("the condition of %s", (_which, state, expected, health, since) => {
  const times = { StartedAt: "2026-01-01T00:00:00.500123456Z", FinishedAt: "2026-01-01T01:00:00Z" };
  expect(conditionOf({ ...times, ...state })).toEqual({ state: expected, health, since });
});

test.each<[string, EnvironmentInput]>([
  ["the smallest", { embedding: { provider: "none" }, workers: { codex: { replicas: 1 }, gemini: { replicas: 0 } } }],
  [
    "replicas and scripted services",
    { embedding: { provider: "none" }, workers: { codex: { replicas: 3 } }, demo: { scripted_services: true } },
  ],
  [
    "a broker and a database of one's own",
    { embedding: { provider: "none" }, broker: { url: "amqp://mq.example:5672//" }, database: { host: "db.example" } },
  ],
])("an environment declares the services its stack has containers for: %s", (_which, settings) => {
  const stack = new FleetStack(Testing.app(), "dev", Environment.fromSettings(settings));
  const { resource } = JSON.parse(Testing.synth(stack)) as {
    resource: { docker_container: Record<string, { labels: { label: string; value: string }[] }> };
  };
  const synthesized = Object.values(resource.docker_container).map(
    ({ labels }) => labels.find(({ label }) => label === ContainerLabel.service)!.value,
  );
  expect(declaredServices(Environment.fromSettings(settings).settings).sort()).toEqual(synthesized.sort());
});
