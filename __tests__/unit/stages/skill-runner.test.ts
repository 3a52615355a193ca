import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { stageDurations } from "../../../runtime/contract";
import type { StageExecutionDecision } from "../../../runtime/contract";
import { ArtifactDirectory } from "../../../runtime/stages/artifact-directory";
import { SkillRunner } from "../../../runtime/stages/skill-runner";
import { WorkTree } from "../../../runtime/stages/work-tree";
import { makeRepository } from "../../support/git-repository";

jest.setTimeout(30_000);

const RUN = "0190f1c2-aaaa-7bbb-8ccc-1234567890ab";
let directory: string;
let tree: WorkTree;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "skill-runner-"));
  const repository = makeRepository(directory, { "a.txt": "one\n" });
  tree = new WorkTree(join(directory, "run", "repo"), { url: repository.url, credential: undefined });
  await tree.update();
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function skill(script: string, shadow = true): void {
  mkdirSync(join(directory, "skills/own/stages"), { recursive: true });
  writeFileSync(join(directory, "skills/own/SKILL.md"), `---\nname: own\ndescription: x\nstages: [submit]\nshadow: ${shadow}\n---\n`);
  writeFileSync(join(directory, "skills/own/stages/submit"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function decide(changed: object = {}, signal: AbortSignal = new AbortController().signal) {
  const recorded: StageExecutionDecision[] = [];
  const artifacts = new ArtifactDirectory(join(directory, "artifacts"), "submit", 1);
  await artifacts.create();
  const config = {
    SPEC_WORKFLOW_USE_SKILLS: true,
    SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: 100,
    SPEC_WORKFLOW_SKILLS_SHADOW_MODE: false,
    SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED: true,
    SPEC_WORKFLOW_SKILLS_ROOT: [join(directory, "skills")],
    SPEC_WORKFLOW_TASKS_ROOT: "specs",
    ...changed,
  };
  const claim = { runId: RUN, stage: "submit", attempt: 1, run: { repository: "acme/shop", agent: "codex", notes: null } };
  const runner = new SkillRunner(
    {
      claim: claim as never,
      config: config as never,
      durations: stageDurations(60_000),
      workTree: tree,
      artifacts,
      signal,
      log: pino({ enabled: false }),
      elapsed: () => 0,
    },
    "own",
    async (decision) => void recorded.push(decision),
  );
  await runner.begin();
  const answer = await runner
    .decide("submit", {
      input: { featureKey: null, task: null, summary: null },
      direct: async () => ({ prompt: "direct" }),
      verify: async () => undefined,
      restore: async () => rmSync(join(tree.path, "left-behind"), { force: true }),
    })
    .then(
      (result) => result.prompt,
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );
  return { answer, recorded, executed: runner.executed };
}

const decision = (more: object) => ({
  selectedSkill: "own",
  executionPath: "skill",
  usedSkills: true,
  usedFallback: false,
  shadowModeRequested: false,
  ...more,
});

test("the skill decides, in the work tree, without the worker's secrets", async () => {
  process.env["POSTGRES_PASSWORD"] = "secret";
  skill(`cat >/dev/null; echo "{\\"prompt\\":\\"$(pwd) \${POSTGRES_PASSWORD:-nothing}\\"}"`);
  const { answer, recorded, executed } = await decide();
  delete process.env["POSTGRES_PASSWORD"];
  expect(answer).toBe(`${tree.path} nothing`);
  expect(recorded).toEqual([decision({})]);
  expect(executed).toEqual({ decision: decision({}), fallbackReason: null, artifacts: [] });
});

test("direct logic takes over from a failed skill, what it left is undone", async () => {
  skill("touch left-behind; echo broken >&2; exit 2");
  const { answer, recorded, executed } = await decide();
  const byFallback = decision({ executionPath: "direct_fallback", usedFallback: true });
  expect(answer).toBe("direct");
  expect(recorded).toEqual([decision({}), byFallback]);
  expect(executed).toEqual({
    decision: byFallback,
    fallbackReason: `${directory}/skills/own/stages/submit ended with 2: broken`,
    artifacts: [],
  });
  expect(existsSync(join(tree.path, "left-behind"))).toBe(false);
});

test("without fallback the stage fails, and the decision is kept", async () => {
  skill("echo broken >&2; exit 2");
  const { answer, executed } = await decide({ SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED: false });
  expect(answer).toBe(`skill_failed: the skill "own" failed: ${directory}/skills/own/stages/submit ended with 2: broken`);
  expect(executed.decision).toEqual(decision({}));
});

test("a skill that is not there is a failed skill", async () => {
  const { answer, executed } = await decide();
  expect(answer).toBe("direct");
  expect(executed.fallbackReason).toBe(`the skill "own" is in none of ${directory}/skills (SPEC_WORKFLOW_SKILLS_ROOT)`);
});

test.each([
  ["skills off", { SPEC_WORKFLOW_USE_SKILLS: false }],
  ["outside the canary", { SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: 0 }],
])("%s: direct logic alone, the skill is not run", async (_, changed) => {
  skill(`touch ${directory}/ran`);
  const { answer, recorded } = await decide(changed);
  expect(answer).toBe("direct");
  expect(recorded).toEqual([decision({ executionPath: "direct_only", usedSkills: false })]);
  expect(existsSync(join(directory, "ran"))).toBe(false);
});

test("in the shadow it runs on a copy, is recorded and never decides", async () => {
  skill(`cat >/dev/null; echo changed > a.txt; echo '{"prompt":"from the shadow"}'`);
  const { answer, executed } = await decide({ SPEC_WORKFLOW_SKILLS_SHADOW_MODE: true });
  expect(answer).toBe("direct");
  expect(executed.decision).toEqual(decision({ executionPath: "direct_only", usedSkills: false, shadowModeRequested: true }));
  expect(readFileSync(join(tree.path, "a.txt"), "utf8")).toBe("one\n");
  expect(readdirSync(join(directory, "run"))).toEqual(["repo"]);
  expect(executed.artifacts.map(({ artifactType, path }) => [artifactType, path])).toEqual([
    ["skill_shadow", "submit-1/skill-shadow.json"],
  ]);
  const shadow = JSON.parse(readFileSync(join(directory, "artifacts/submit-1/skill-shadow.json"), "utf8")) as Record<string, unknown>;
  expect(shadow).toMatchObject({ skill: "own", stage: "submit", ran: true, result: { prompt: "from the shadow" } });
  expect(shadow["patch"]).toContain("-one\n+changed\n");
});

test("a shadow that fails is recorded and changes nothing", async () => {
  skill("exit 1");
  const { answer, executed } = await decide({ SPEC_WORKFLOW_SKILLS_SHADOW_MODE: true });
  expect([answer, executed.fallbackReason]).toEqual(["direct", null]);
  expect(readFileSync(join(directory, "artifacts/submit-1/skill-shadow.json"), "utf8")).toContain("ended with 1");
});

test("a skill that is not made for the shadow is not run in it", async () => {
  skill(`touch ${directory}/ran`, false);
  await decide({ SPEC_WORKFLOW_SKILLS_SHADOW_MODE: true });
  expect(existsSync(join(directory, "ran"))).toBe(false);
  expect(readFileSync(join(directory, "artifacts/submit-1/skill-shadow.json"), "utf8")).toContain('"ran": false');
});

test("a stage that is stopped does not end by its fallback", async () => {
  skill("sleep 30");
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("stopped")), 300);
  const { answer, recorded } = await decide({}, controller.signal);
  expect(answer).toBe("undefined: stopped");
  expect(recorded).toEqual([decision({})]);
});
