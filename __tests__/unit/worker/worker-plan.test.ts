import { planWorker } from "../../../runtime/worker/worker-plan";
import type { WorkerObservation } from "../../../runtime/worker/worker-plan";

const seen = (changes: Partial<WorkerObservation> = {}): WorkerObservation => ({
  worker: "codex",
  stopping: false,
  loggedIn: true,
  policyIntact: true,
  fresh: new Set(["speckit", "codex"] as const),
  consumedBefore: false,
  ...changes,
});
const none = new Set<never>();

test.each([
  ["all is well", seen(), "consuming", ["speckit", "codex"], true],
  ["gemini", seen({ worker: "gemini", fresh: new Set(["gemini"] as const) }), "consuming", ["gemini"], true],
  ["the queues of another worker do not count", seen({ worker: "gemini" }), "starting", ["gemini"], false],
  ["Celery has just been started", seen({ fresh: none }), "starting", ["speckit", "codex"], false],
  ["one of two is missing", seen({ fresh: new Set(["speckit"] as const) }), "starting", ["speckit", "codex"], false],
  ["one of two is lost", seen({ fresh: new Set(["codex"] as const), consumedBefore: true }), "suspended", ["speckit", "codex"], false],
  ["no login, the rest is done", seen({ loggedIn: false, fresh: new Set(["speckit"] as const) }), "waiting_for_login", ["speckit"], true],
  ["no login, the rest is not done", seen({ loggedIn: false, fresh: none }), "waiting_for_login", ["speckit"], false],
  ["the login is gone", seen({ loggedIn: false, consumedBefore: true }), "waiting_for_login", ["speckit"], true],
  ["the policy is gone", seen({ policyIntact: false }), "suspended", ["speckit"], false],
  ["policy and login are gone", seen({ policyIntact: false, loggedIn: false }), "suspended", ["speckit"], false],
  ["the policy of a gemini worker is gone", seen({ worker: "gemini", policyIntact: false }), "suspended", [], false],
  ["told to stop", seen({ stopping: true }), "stopping", [], false],
])("%s", (_name, observation, phase, queues, healthy) => {
  expect(planWorker(observation)).toEqual({ phase, queues, healthy });
});
