import { chmodSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { skillCompleteCheck, skillSelectionCheck } from "../../../runtime/preflight/skill-check";
import { judgeInit, speckitInitCheck } from "../../../runtime/preflight/speckit-init-check";
import { contextOf, scratch } from "./context";

const SKILLS = join(__dirname, "../../../assets/worker/skills");
const MADE = ["speckit-implement", "speckit-plan", "speckit-specify", "speckit-tasks"];

describe("speckit.init", () => {
  const init = { exit: 0, stdout: "", stderr: "" };
  test.each([
    [{ init, version: "1.2.3", skills: MADE }, "ok", "Spec Kit 1.2.3, 4 skills", true],
    [{ init, version: "1.2.3", skills: MADE.slice(1) }, "failed", "specify init made no speckit-implement", false],
    [
      { init: { ...init, exit: 1, stderr: "one\ntwo\n" }, version: "unknown", skills: [] },
      "failed",
      "specify init ended with 1: two",
      false,
    ],
    [{ init: { ...init, exit: "ENOENT" }, version: "unknown", skills: [] }, "failed", "specify init ended with ENOENT", false],
  ])("%#", (seen, status, found, available) => {
    expect(judgeInit(seen)).toMatchObject({
      status,
      found,
      facts: { speckitCapability: { available, version: seen.version, skills: seen.skills } },
    });
  });

  test("a stub that exits 0 has no skills to show", async () => {
    const bin = scratch();
    writeFileSync(join(bin, "specify"), "#!/bin/sh\nexit 0\n");
    chmodSync(join(bin, "specify"), 0o755);
    expect(await speckitInitCheck.run(contextOf({ PATH: bin, TMPDIR: scratch() }))).toMatchObject({
      status: "failed",
      found: "specify init made no speckit-specify, speckit-plan, speckit-tasks, speckit-implement",
    });
    expect(await speckitInitCheck.run(contextOf({ PATH: scratch(), TMPDIR: scratch() }))).toMatchObject({
      status: "failed",
      found: "specify init ended with ENOENT",
    });
  });
});

describe("skills.speckit", () => {
  const check = (root: string) => skillCompleteCheck.run(contextOf({ SPEC_WORKFLOW_SKILLS_ROOT: `/nowhere,${root}` }));

  test("the shipped skill is whole", async () => {
    expect(await check(SKILLS)).toMatchObject({ status: "ok", found: join(SKILLS, "speckit") });
  });

  test("nothing there", async () => {
    expect(await check("/nowhere/else")).toMatchObject({ status: "failed", found: "no directory speckit in /nowhere, /nowhere/else" });
  });

  test("a stage that cannot be run, a stage that is not named, no front matter", async () => {
    const root = scratch();
    const skill = join(root, "speckit");
    cpSync(join(SKILLS, "speckit"), skill, { recursive: true });
    chmodSync(join(skill, "stages/submit"), 0o644);
    expect(await check(root)).toMatchObject({ status: "failed", found: `${skill}/stages/submit is missing or not executable` });
    chmodSync(join(skill, "stages/submit"), 0o755);
    const text = readFileSync(join(skill, "SKILL.md"), "utf8");
    writeFileSync(join(skill, "SKILL.md"), text.replace(/^stages:[\s\S]*?(?=^\w|^---)/m, "stages: [discover, submit]\n"));
    expect(await check(root)).toMatchObject({ status: "failed", found: "SKILL.md does not name the stage publish" });
    writeFileSync(join(skill, "SKILL.md"), "# none\n");
    expect(await check(root)).toMatchObject({ status: "failed", found: `${skill}/SKILL.md: has no front matter` });
  });
});

test("skills.selection", async () => {
  expect(await skillSelectionCheck.run(contextOf({}))).toMatchObject({
    status: "ok",
    found: "discover: speckit, submit: speckit, publish: speckit",
  });
  expect(await skillSelectionCheck.run(contextOf({ SPEC_WORKFLOW_SUBMIT_SKILL: "other" }))).toMatchObject({
    status: "failed",
    found:
      'SPEC_WORKFLOW_SUBMIT_SKILL: the skill "other" of the stage submit is not allowed; allowed are speckit (SPEC_WORKFLOW_ALLOWED_SKILLS)',
    fix: 'correct SPEC_WORKFLOW_SUBMIT_SKILL, or add "other" to SPEC_WORKFLOW_ALLOWED_SKILLS',
  });
});
