import { execFileSync } from "node:child_process";
import type { Run } from "../../runtime/contract";
import { SAMPLE_FEATURE } from "../../runtime/demo/sample-repository";
import { startFleet } from "../support/fleet-processes";
import type { FleetProcesses } from "../support/fleet-processes";

jest.setTimeout(240_000);

let fleet: FleetProcesses;

beforeAll(async () => {
  fleet = await startFleet();
  await Promise.all(["speckit", "codex", "gemini"].map((queue) => fleet.celery(queue)));
});

afterAll(async () => {
  if (process.env["FLEET_TEST_LOGS"] !== undefined) process.stderr.write(fleet?.logs() ?? "");
  await fleet?.stop();
});

const BY_SKILL = { selectedSkill: "speckit", executionPath: "skill", usedSkills: true, usedFallback: false, shadowModeRequested: false };

test("a run goes from an open task to a pull request", async () => {
  await fleet.makeRepository("acme/way");
  const started = await fleet.startRun({ repository: "acme/way" });
  expect(started.tasks.map(executionOf)).toEqual([0, 1, 2].map(() => ({ ...BY_SKILL, executionPath: null, usedSkills: false })));

  const run = await fleet.finished(started.id);
  expect(run.tasks.map((task) => [task.taskName, task.status, task.message])).toEqual([
    ["discover_next_phase", "succeeded", "T001 Create greeting.txt that says hello"],
    ["submit_codex_job", "succeeded", "codex changed 1 file"],
    ["apply_and_publish", "succeeded", `opened pull request ${fleet.github.url}/acme/way/pull/1`],
  ]);
  expect(run.tasks.map(executionOf)).toEqual([BY_SKILL, BY_SKILL, BY_SKILL]);

  const branch = `codex-fleet/${SAMPLE_FEATURE}/T001-${run.id.slice(0, 8)}`;
  expect({ status: run.status, phase: run.phase, featureKey: run.featureKey, branch: run.branchName, prUrl: run.prUrl }).toEqual({
    status: "succeeded",
    phase: "complete",
    featureKey: SAMPLE_FEATURE,
    branch,
    prUrl: `${fleet.github.url}/acme/way/pull/1`,
  });
  expect(await fleet.github.repository("acme/way").diff("main", branch)).toBe(DIFF);
  expect(git("acme/way", "log", "-1", "--format=%an <%ae>%n%B", branch)).toBe(
    `Codex Fleet <codex-fleet@users.noreply.github.com>
T001 Create greeting.txt that says hello

Task T001 of specs/${SAMPLE_FEATURE}/tasks.md

Codex-Fleet-Run: ${run.id}

`,
  );
  expect(fleet.github.pulls.list("acme/way").map(({ number, title, head, base }) => ({ number, title, head, base }))).toEqual([
    { number: 1, title: "T001 Create greeting.txt that says hello", head: branch, base: "main" },
  ]);
});

function executionOf(task: Run["tasks"][number]): Record<string, unknown> {
  const { selectedSkill, executionPath, usedSkills, usedFallback, shadowModeRequested } = task.payload;
  return { selectedSkill, executionPath, usedSkills, usedFallback, shadowModeRequested };
}

function git(repository: string, ...args: string[]): string {
  return execFileSync("git", ["-c", "safe.directory=*", `--git-dir=${fleet.github.repository(repository).path}`, ...args], {
    encoding: "utf8",
  });
}

const DIFF = `diff --git a/greeting.txt b/greeting.txt
new file mode 100644
index 0000000..ce01362
--- /dev/null
+++ b/greeting.txt
@@ -0,0 +1 @@
+hello
diff --git a/specs/${SAMPLE_FEATURE}/tasks.md b/specs/${SAMPLE_FEATURE}/tasks.md
index 0d90358..5843e4c 100644
--- a/specs/${SAMPLE_FEATURE}/tasks.md
+++ b/specs/${SAMPLE_FEATURE}/tasks.md
@@ -4,7 +4,7 @@
 
 ## Phase 1: Greeting
 
-- [ ] T001 Create greeting.txt that says hello
+- [X] T001 Create greeting.txt that says hello
 
 ## Phase 2: Manners
 
`;
