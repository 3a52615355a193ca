import { Environment } from "../../../../constructs/environment";
import type { EnvironmentInput } from "../../../../constructs/environment-schema";
import { serviceNames, stopPlan } from "../../../../cli/local/services";

test("services stop before those they need; workers get as long as a stage may take", () => {
  const running = ["postgres", "epmd", "rabbitmq", "api", "scripted_model", "celery_codex_worker", "celery_gemini_worker"];
  const minute = 60_000;
  expect(stopPlan(running, "5m")).toEqual([
    [
      { name: "celery_codex_worker", signal: "SIGTERM", limit: 11 * minute },
      { name: "celery_gemini_worker", signal: "SIGTERM", limit: 11 * minute },
    ],
    [
      { name: "api", signal: "SIGTERM", limit: minute },
      { name: "scripted_model", signal: "SIGTERM", limit: minute },
    ],
    [{ name: "rabbitmq", signal: "SIGTERM", limit: minute }],
    [
      { name: "epmd", signal: "SIGTERM", limit: minute },
      { name: "postgres", signal: "SIGINT", limit: minute },
    ],
  ]);
});

test("nothing runs, nothing is stopped", () => {
  expect(stopPlan([], "5m")).toEqual([]);
});

const WORKERS = ["celery_codex_worker", "celery_gemini_worker"];

test.each<[string, EnvironmentInput, string[]]>([
  ["everything of its own", {}, ["epmd", "rabbitmq", "postgres", "api", ...WORKERS]],
  ["an existing broker", { broker: { url: "amqp://mq:5672//", user: "us" } }, ["postgres", "api", ...WORKERS]],
  ["an existing database", { database: { host: "db" } }, ["epmd", "rabbitmq", "api", ...WORKERS]],
  ["no Gemini", { workers: { gemini: { replicas: 0 } } }, ["epmd", "rabbitmq", "postgres", "api", "celery_codex_worker"]],
  ["four Codex workers", { workers: { codex: { replicas: 4 } } }, ["epmd", "rabbitmq", "postgres", "api", ...WORKERS]],
])("services of an environment with %s", (_what, input, names) => {
  expect(serviceNames(Environment.fromSettings({ embedding: { provider: "none" }, ...input }).settings)).toEqual(names);
});
