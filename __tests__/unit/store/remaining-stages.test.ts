import type { Stage, TaskStatus } from "../../../runtime/contract";
import { remainingStages } from "../../../runtime/store";

const task = (stage: Stage, attempt: number, status: TaskStatus) => ({ stage, attempt, status });

const FAILED_SUBMIT = [task("discover", 1, "succeeded"), task("submit", 1, "failed"), task("publish", 1, "queued")];

test.each([
  ["what failed and what comes after it", FAILED_SUBMIT, ["submit", "publish"]],
  ["by the latest attempt of each stage", [...FAILED_SUBMIT, task("publish", 2, "failed"), task("submit", 2, "succeeded")], ["publish"]],
  ["all of it when nothing succeeded", [task("discover", 1, "failed")], ["discover", "submit", "publish"]],
  ["nothing when all succeeded", (["discover", "submit", "publish"] as const).map((stage) => task(stage, 1, "succeeded")), []],
])("resuming runs %s", (_name, tasks, stages) => {
  expect(remainingStages("resume_failed_task", tasks)).toEqual(stages);
});

test("restarting runs everything", () => {
  expect(remainingStages("restart_from_discovery", FAILED_SUBMIT)).toEqual(["discover", "submit", "publish"]);
});
