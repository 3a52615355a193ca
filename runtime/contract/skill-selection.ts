import { STAGES } from "./stage";
import type { Stage } from "./stage";
import type { StageExecutionDecision } from "./stage-execution-decision";
import type { Configuration } from "./configuration";
import type { SkillOverrides } from "./workflow-api";

/** Variables that decide which skill a stage gets. */
export const SKILL_SELECTION_VARIABLES = [
  "SPEC_WORKFLOW_DEFAULT_SKILL",
  "SPEC_WORKFLOW_DISCOVER_SKILL",
  "SPEC_WORKFLOW_SUBMIT_SKILL",
  "SPEC_WORKFLOW_PUBLISH_SKILL",
  "SPEC_WORKFLOW_ALLOWED_SKILLS",
] as const;
export type SkillSelectionConfiguration = Configuration<(typeof SKILL_SELECTION_VARIABLES)[number]>;

const STAGE_VARIABLES = {
  discover: "SPEC_WORKFLOW_DISCOVER_SKILL",
  submit: "SPEC_WORKFLOW_SUBMIT_SKILL",
  publish: "SPEC_WORKFLOW_PUBLISH_SKILL",
} as const satisfies Record<Stage, (typeof SKILL_SELECTION_VARIABLES)[number]>;

/** A skill was asked for that is not on the allowlist. */
export class SkillNotAllowedError extends Error {
  constructor(
    readonly skill: string,
    readonly stage: Stage,
    /** Who asked: `skillOverrides.submit` or the name of a variable. */
    readonly source: string,
    readonly allowed: readonly string[],
  ) {
    super(
      `${source}: the skill "${skill}" of the stage ${stage} is not allowed; allowed are ${allowed.join(", ")} (SPEC_WORKFLOW_ALLOWED_SKILLS)`,
    );
    this.name = "SkillNotAllowedError";
  }
}

/**
 * The skill of a stage: what the request overrides, else the stage's variable, else the default.
 *
 * @throws SkillNotAllowedError
 */
export function selectSkill(stage: Stage, overrides: SkillOverrides, config: SkillSelectionConfiguration): string {
  const override = overrides[stage];
  const stageSkill = config[STAGE_VARIABLES[stage]];
  const [skill, source] =
    override !== undefined
      ? [override, `skillOverrides.${stage}`]
      : stageSkill !== undefined
        ? [stageSkill, STAGE_VARIABLES[stage]]
        : [config.SPEC_WORKFLOW_DEFAULT_SKILL, "SPEC_WORKFLOW_DEFAULT_SKILL"];
  const allowed = config.SPEC_WORKFLOW_ALLOWED_SKILLS;
  if (!allowed.includes(skill)) throw new SkillNotAllowedError(skill, stage, source, allowed);
  return skill;
}

/** The decision of a queued task: it names the skill the task will get; nothing has run yet. */
export function plannedDecision(skill: string): StageExecutionDecision {
  return { selectedSkill: skill, executionPath: null, usedSkills: false, usedFallback: false, shadowModeRequested: false };
}

/**
 * Planned decisions of all three stages.
 *
 * @throws SkillNotAllowedError
 */
export function plannedDecisions(overrides: SkillOverrides, config: SkillSelectionConfiguration): Record<Stage, StageExecutionDecision> {
  return Object.fromEntries(STAGES.map((stage) => [stage, plannedDecision(selectSkill(stage, overrides, config))])) as never;
}
