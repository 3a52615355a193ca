import { z } from "zod";

/** How a stage was carried out: by its skill, by direct logic after the skill failed, or by direct logic alone. */
export const ExecutionPath = z.enum(["skill", "direct_fallback", "direct_only"]);
export type ExecutionPath = z.infer<typeof ExecutionPath>;

/**
 * The skill selected for a stage and what really ran. A queued task holds the plan: the selected skill, no path yet.
 */
export const StageExecutionDecision = z.object({
  selectedSkill: z.string(),
  executionPath: ExecutionPath.nullable(),
  usedSkills: z.boolean(),
  usedFallback: z.boolean(),
  shadowModeRequested: z.boolean(),
});
export type StageExecutionDecision = z.infer<typeof StageExecutionDecision>;
