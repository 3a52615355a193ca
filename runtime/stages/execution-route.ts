import type { Stage, StageExecutionDecision } from "../contract";
import { canaryBucket } from "./canary";
import type { StageConfiguration } from "./stage-configuration";

/** How a stage will be executed. */
export interface ExecutionRoute {
  /** The decision for the task row, before anything runs. */
  readonly decision: StageExecutionDecision;
  readonly useSkill: boolean;
  /** Whether direct logic takes over when the skill fails. */
  readonly fallback: boolean;
  /** Whether the skill also runs on a copy of the work tree, without effect. */
  readonly shadow: boolean;
}

/** The skill decides, unless skills are off, the stage is outside the canary, or the skill runs in shadow mode. */
export function executionRoute(
  stage: Stage,
  runId: string,
  selectedSkill: string,
  config: Pick<
    StageConfiguration,
    | "SPEC_WORKFLOW_USE_SKILLS"
    | "SPEC_WORKFLOW_SKILLS_CANARY_PERCENT"
    | "SPEC_WORKFLOW_SKILLS_SHADOW_MODE"
    | "SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED"
  >,
): ExecutionRoute {
  const shadow = config.SPEC_WORKFLOW_SKILLS_SHADOW_MODE;
  const inCanary = canaryBucket(runId, stage) < config.SPEC_WORKFLOW_SKILLS_CANARY_PERCENT;
  const useSkill = config.SPEC_WORKFLOW_USE_SKILLS && inCanary && !shadow;
  return {
    decision: {
      selectedSkill,
      executionPath: useSkill ? "skill" : "direct_only",
      usedSkills: useSkill,
      usedFallback: false,
      shadowModeRequested: shadow,
    },
    useSkill,
    fallback: config.SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED,
    shadow: shadow && config.SPEC_WORKFLOW_USE_SKILLS,
  };
}

/** The decision for the task row after the skill failed and direct logic took over. */
export function fallbackDecision(decision: StageExecutionDecision): StageExecutionDecision {
  return { ...decision, executionPath: "direct_fallback", usedFallback: true };
}
