import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfiguration, ROUTING_VARIABLES } from "../../runtime/contract";
import type { Stage } from "../../runtime/contract";
import { SAMPLE_FEATURE } from "../../runtime/demo/sample-repository";
import { BROKER_VARIABLES, openPublisher } from "../../runtime/queue";
import { eventually } from "../support/eventually";
import { BROKEN_SKILL, BY_SKILL, executionOf, SAMPLE_DIFF } from "../support/expected-change";
import { artifactText, startFleet } from "../support/fleet-processes";
import type { FleetProcesses } from "../support/fleet-processes";

jest.setTimeout(240_000);

let fleet: FleetProcesses;

beforeAll(async () => {
  fleet = await startFleet({ skills: BROKEN_SKILL });
  await Promise.all(["speckit", "codex", "gemini"].map((queue) => fleet.celery(queue)));
});

afterAll(async () => {
  if (process.env["FLEET_TEST_LOGS"] !== undefined) process.stderr.write(fleet?.logs() ?? "");
  await fleet?.stop();
});

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
  expect(await fleet.github.repository("acme/way").diff("main", branch)).toBe(SAMPLE_DIFF);
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

test("what a run leaves behind proves how it was done", async () => {
  await fleet.makeRepository("acme/proof");
  const run = await fleet.finished((await fleet.startRun({ repository: "acme/proof", notes: "be brief" })).id);

  expect(run.artifacts.map(({ artifactType, path }) => [artifactType, path]).sort()).toEqual([
    ["codex_logs", "submit-1/codex-events.jsonl"],
    ["codex_patch", "submit-1/change.patch"],
    ["codex_usage", "submit-1/usage.json"],
    ["gh_pr_response", "publish-1/pull-request-response.json"],
    ["gh_push_log", "publish-1/push.log"],
    ["policy_evidence", "submit-1/policy-evidence.json"],
    ["pr_payload", "publish-1/pull-request.json"],
    ["run_summary", "publish-1/run-summary.json"],
  ]);
  const evidence = JSON.parse(artifactText(run, "policy_evidence")) as Record<string, Record<string, unknown>>;
  expect(evidence["before"]!["approvalPolicy"]).toBe("Never");
  expect(evidence["after"]).toEqual({ turnApprovalPolicies: ["never"] });
  expect(JSON.parse(artifactText(run, "run_summary"))).toEqual({
    runId: run.id,
    status: "succeeded",
    stage: "publish",
    repository: "acme/proof",
    agent: "codex",
    featureKey: SAMPLE_FEATURE,
    taskId: "T001",
    title: "Create greeting.txt that says hello",
    noWork: false,
    codexTaskId: run.codexTaskId,
    branch: run.branchName,
    pullRequestUrl: run.prUrl,
    skillExecution: { discover: BY_SKILL, submit: BY_SKILL, publish: BY_SKILL },
  });
  const prompt = JSON.stringify(fleet.model.requests.map((request) => request.body));
  expect(prompt).toContain("$speckit-implement Carry out exactly one task");
  expect(prompt).toContain("be brief");
  for (const secret of ["fleet-test-github", "fleet-test-worker", "fleet-test-database"]) {
    for (const artifact of run.artifacts) expect(artifactText(run, artifact.artifactType)).not.toContain(secret);
    expect(fleet.logs()).not.toContain(secret);
  }
});

test("a message that is delivered again changes nothing, and neither does a stage that runs again", async () => {
  await fleet.makeRepository("acme/again");
  const { id } = await fleet.startRun({ repository: "acme/again" });
  const run = await fleet.finished(id);
  const tip = git("acme/again", "rev-parse", run.branchName!);

  await deliver(id, "discover");
  await deliver(id, "publish");
  expect(await fleet.finished(id)).toEqual(run);

  // As after a crash between the pull request and the database's commit.
  await fleet.query("UPDATE runs SET status = 'running', phase = 'publish', finished_at = NULL, completed_at = NULL WHERE id = $1", [id]);
  await fleet.query("UPDATE tasks SET status = 'queued', finished_at = NULL WHERE run_id = $1 AND stage = 'publish'", [id]);
  await deliver(id, "publish");
  const repeated = await fleet.finished(id);
  expect(repeated.tasks.at(-1)!.message).toBe(`found pull request ${run.prUrl}`);
  expect({ branch: repeated.branchName, prUrl: repeated.prUrl }).toEqual({ branch: run.branchName, prUrl: run.prUrl });
  expect(git("acme/again", "rev-parse", run.branchName!)).toBe(tip);
  expect(git("acme/again", "for-each-ref", "--format=%(refname:short)")).toBe(`${run.branchName}\nmain\n`);
  expect(fleet.github.pulls.list("acme/again")).toHaveLength(1);
});

test("a skill outside the allowlist is refused with what is allowed", async () => {
  const answer = await fleet.call("POST", "/runs", { repository: "acme/way", skillOverrides: { submit: "nonesuch" } });
  expect(answer).toEqual({
    status: 422,
    body: {
      detail: {
        code: "skill_not_allowed",
        message:
          'skillOverrides.submit: the skill "nonesuch" of the stage submit is not allowed; allowed are speckit, broken (SPEC_WORKFLOW_ALLOWED_SKILLS)',
      },
    },
  });
});

test("direct logic takes over from a skill that fails, in every stage", async () => {
  await fleet.makeRepository("acme/broken");
  const skillOverrides = { discover: "broken", submit: "broken", publish: "broken" };
  const run = await fleet.finished((await fleet.startRun({ repository: "acme/broken", skillOverrides })).id);
  expect(run.status).toBe("succeeded");
  const byFallback = { ...BY_SKILL, selectedSkill: "broken", executionPath: "direct_fallback", usedFallback: true };
  expect(run.tasks.map(executionOf)).toEqual([byFallback, byFallback, byFallback]);
  expect(run.tasks.map((task) => String(task.payload["fallbackReason"]).replaceAll(fleet.directory, ""))).toEqual([
    "/skills/broken/stages/discover ended with 3: discover is broken",
    '/skills/broken/stages/submit did not answer with one JSON object, but with "no json"',
    "publish changed intruder.txt; it may only tick the task in specs/001-greeting-files/tasks.md",
  ]);
  expect(await fleet.github.repository("acme/broken").diff("main", run.branchName!)).toBe(SAMPLE_DIFF);
});

test("a preflight that fails ends the run at once with the reason, and a retry succeeds", async () => {
  await fleet.makeRepository("acme/preflight");
  const config = join(fleet.codexHome, "config.toml");
  const good = readFileSync(config, "utf8");
  writeFileSync(config, good.replace('approval_policy = "never"', 'approval_policy = "on-request"'));
  const { id } = await fleet.startRun({ repository: "acme/preflight" });
  const failed = await fleet.finished(id);
  writeFileSync(config, good);
  const submit = failed.tasks.find((task) => task.taskName === "submit_codex_job")!;
  expect({ run: failed.status, status: submit.status, payload: submit.payload }).toEqual({
    run: "failed",
    status: "failed",
    payload: {
      ...BY_SKILL,
      code: "codex_preflight_failed",
      reason: "the effective approval policy of Codex is OnRequest, it must be Never",
      remediation: `check ${config} with \`codex-fleet codex-config check\`, then restart the worker, then retry the run`,
      codexPreflightStatus: "failed",
    },
  });
  expect([failed.codexPreflightStatus, failed.codexPreflightMessage]).toEqual(["failed", submit.payload.reason]);

  expect((await fleet.call("POST", `/runs/${id}/retry`, {})).status).toBe(202);
  const retried = await fleet.finished(id);
  expect(retried.status).toBe("succeeded");
  expect(retried.taskSummary.map(({ taskName, status, attempt }) => [taskName, status, attempt])).toEqual([
    ["discover_next_phase", "succeeded", 1],
    ["submit_codex_job", "succeeded", 2],
    ["apply_and_publish", "succeeded", 2],
  ]);
});

test("a run may ask for Gemini", async () => {
  await fleet.makeRepository("acme/gemini");
  const run = await fleet.finished((await fleet.startRun({ repository: "acme/gemini", agent: "gemini" })).id);
  expect(run.tasks.map((task) => [task.status, task.message])).toEqual([
    ["succeeded", "T001 Create greeting.txt that says hello"],
    ["succeeded", "gemini changed 1 file"],
    ["succeeded", `opened pull request ${fleet.github.url}/acme/gemini/pull/1`],
  ]);
  expect(run.tasks.map(executionOf)).toEqual([BY_SKILL, BY_SKILL, BY_SKILL]);
  expect(await fleet.github.repository("acme/gemini").diff("main", run.branchName!)).toBe(SAMPLE_DIFF);
});

test("without an open task the run succeeds and the other stages are skipped", async () => {
  await fleet.makeRepository("acme/done");
  for (const task of ["T001", "T002", "T003"]) commitTick("acme/done", task);
  const run = await fleet.finished((await fleet.startRun({ repository: "acme/done" })).id);
  expect([run.status, run.phase, run.prUrl]).toEqual(["succeeded", "complete", null]);
  expect(run.tasks.map((task) => [task.status, task.message])).toEqual([
    ["succeeded", "no feature has an open task"],
    ["skipped", "not needed: the run ended with discover"],
    ["skipped", "not needed: the run ended with discover"],
  ]);
  expect(JSON.parse(artifactText(run, "run_summary"))).toMatchObject({ noWork: true, branch: null });
});

test("a repository that is not there fails the run with what to check", async () => {
  const run = await fleet.finished((await fleet.startRun({ repository: "acme/nowhere" })).id);
  expect([run.status, run.tasks[0]!.payload.code]).toEqual(["failed", "repository_unavailable"]);
  expect(run.tasks[0]!.payload.reason).toMatch(/acme\/nowhere cannot be cloned or updated: .*not found/s);
});

function git(repository: string, ...args: string[]): string {
  return execFileSync("git", ["-c", "safe.directory=*", `--git-dir=${fleet.github.repository(repository).path}`, ...args], {
    encoding: "utf8",
  });
}

/** Hands a stage's message to the broker once more and waits until a worker has dealt with it. */
async function deliver(runId: string, stage: Stage): Promise<void> {
  const before = acknowledged();
  const publisher = openPublisher(readConfiguration([...BROKER_VARIABLES, ...ROUTING_VARIABLES], fleet.rabbitmq.environment("api")));
  await publisher.publish({ body: { runId, stage, attempt: 1, schema: 1 }, agent: "codex" });
  await publisher.close();
  await eventually(() => expect(acknowledged()).toBe(before + 1), 60_000);
}

/** Ticks a task off on the main branch, as a merged pull request does. */
function commitTick(repository: string, taskId: string): void {
  const tree = mkdtempSync(join(fleet.directory, "tick-"));
  const inTree = (...args: string[]) =>
    execFileSync("git", ["-c", "safe.directory=*", "-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], { cwd: tree });
  inTree("clone", "--quiet", fleet.github.repository(repository).path, ".");
  const file = join(tree, "specs", SAMPLE_FEATURE, "tasks.md");
  writeFileSync(file, readFileSync(file, "utf8").replace(`- [ ] ${taskId}`, `- [X] ${taskId}`));
  inTree("commit", "--quiet", "--all", "--message", `Tick ${taskId}`);
  inTree("push", "--quiet", "origin", "main");
}

/** Tasks Celery has ended well so far. */
function acknowledged(): number {
  return fleet.logs().match(/\] succeeded in /g)?.length ?? 0;
}
