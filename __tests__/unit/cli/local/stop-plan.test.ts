import { stopPlan } from "../../../../cli/local/stop-plan";

test("from outside in; workers get as long as a stage may take", () => {
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
