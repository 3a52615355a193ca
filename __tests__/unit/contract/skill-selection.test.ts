import { plannedDecisions, selectSkill, SkillNotAllowedError } from "../../../runtime/contract";
import type { SkillOverrides, SkillSelectionConfiguration, Stage } from "../../../runtime/contract";

const CONFIG: SkillSelectionConfiguration = {
  SPEC_WORKFLOW_DEFAULT_SKILL: "speckit",
  SPEC_WORKFLOW_DISCOVER_SKILL: undefined,
  SPEC_WORKFLOW_SUBMIT_SKILL: "careful",
  SPEC_WORKFLOW_PUBLISH_SKILL: undefined,
  SPEC_WORKFLOW_ALLOWED_SKILLS: ["speckit", "careful", "quick"],
};

test.each<[Stage, SkillOverrides, string]>([
  ["discover", {}, "speckit"],
  ["submit", {}, "careful"],
  ["submit", { submit: "quick" }, "quick"],
  ["submit", { discover: "quick" }, "careful"],
  ["publish", { publish: "careful" }, "careful"],
])("%s with the overrides %j gets %s", (stage, overrides, skill) => {
  expect(selectSkill(stage, overrides, CONFIG)).toBe(skill);
});

test.each<[string, SkillOverrides, Partial<SkillSelectionConfiguration>, string]>([
  [
    "request",
    { submit: "rogue" },
    {},
    'skillOverrides.submit: the skill "rogue" of the stage submit is not allowed; allowed are speckit, careful, quick (SPEC_WORKFLOW_ALLOWED_SKILLS)',
  ],
  [
    "stage variable",
    {},
    { SPEC_WORKFLOW_SUBMIT_SKILL: "rogue" },
    'SPEC_WORKFLOW_SUBMIT_SKILL: the skill "rogue" of the stage submit is not allowed; allowed are speckit, careful, quick (SPEC_WORKFLOW_ALLOWED_SKILLS)',
  ],
  [
    "default",
    {},
    { SPEC_WORKFLOW_SUBMIT_SKILL: undefined, SPEC_WORKFLOW_DEFAULT_SKILL: "rogue" },
    'SPEC_WORKFLOW_DEFAULT_SKILL: the skill "rogue" of the stage submit is not allowed; allowed are speckit, careful, quick (SPEC_WORKFLOW_ALLOWED_SKILLS)',
  ],
])("a skill outside the allowlist is an error, from the %s too", (_source, overrides, change, message) => {
  const select = () => selectSkill("submit", overrides, { ...CONFIG, ...change });
  expect(select).toThrow(SkillNotAllowedError);
  expect(select).toThrow(message);
});

test("a planned decision claims nothing that has not happened", () => {
  const nothing = { executionPath: null, usedSkills: false, usedFallback: false, shadowModeRequested: false };
  expect(plannedDecisions({ publish: "quick" }, CONFIG)).toEqual({
    discover: { selectedSkill: "speckit", ...nothing },
    submit: { selectedSkill: "careful", ...nothing },
    publish: { selectedSkill: "quick", ...nothing },
  });
});
