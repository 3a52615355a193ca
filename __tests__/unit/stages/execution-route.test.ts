import { canaryBucket } from "../../../runtime/stages/canary";
import { executionRoute, fallbackDecision } from "../../../runtime/stages/execution-route";

const RUN = "0190f1c2-aaaa-7bbb-8ccc-1234567890ab";
const CONFIG = {
  SPEC_WORKFLOW_USE_SKILLS: true,
  SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: 100,
  SPEC_WORKFLOW_SKILLS_SHADOW_MODE: false,
  SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED: true,
};

// printf 'RUN:discover' | sha256sum, first eight digits, modulo 100
test.each([
  ["discover", 48],
  ["submit", 59],
  ["publish", 36],
] as const)("the bucket of %s is %d on every machine", (stage, bucket) => {
  expect(canaryBucket(RUN, stage)).toBe(bucket);
});

const bucket = canaryBucket(RUN, "discover");

test.each([
  ["by the skill", {}, { executionPath: "skill", usedSkills: true, shadowModeRequested: false }, { useSkill: true, shadow: false }],
  [
    "skills off",
    { SPEC_WORKFLOW_USE_SKILLS: false },
    { executionPath: "direct_only", usedSkills: false, shadowModeRequested: false },
    { useSkill: false, shadow: false },
  ],
  [
    "the bucket just outside the canary",
    { SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: bucket },
    { executionPath: "direct_only", usedSkills: false, shadowModeRequested: false },
    { useSkill: false, shadow: false },
  ],
  [
    "the bucket just inside the canary",
    { SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: bucket + 1 },
    { executionPath: "skill", usedSkills: true, shadowModeRequested: false },
    { useSkill: true, shadow: false },
  ],
  [
    "in the shadow",
    { SPEC_WORKFLOW_SKILLS_SHADOW_MODE: true },
    { executionPath: "direct_only", usedSkills: false, shadowModeRequested: true },
    { useSkill: false, shadow: true },
  ],
  [
    "in the shadow, skills off",
    { SPEC_WORKFLOW_SKILLS_SHADOW_MODE: true, SPEC_WORKFLOW_USE_SKILLS: false },
    { executionPath: "direct_only", usedSkills: false, shadowModeRequested: true },
    { useSkill: false, shadow: false },
  ],
])("%s", (_, changed, decision, route) => {
  expect(executionRoute("discover", RUN, "speckit", { ...CONFIG, ...changed })).toEqual({
    decision: { selectedSkill: "speckit", usedFallback: false, ...decision },
    ...route,
    fallback: true,
  });
});

test("a fallback says that a skill was used and failed", () => {
  expect(fallbackDecision(executionRoute("discover", RUN, "speckit", CONFIG).decision)).toEqual({
    selectedSkill: "speckit",
    executionPath: "direct_fallback",
    usedSkills: true,
    usedFallback: true,
    shadowModeRequested: false,
  });
});
