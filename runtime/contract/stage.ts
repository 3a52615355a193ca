import { z } from "zod";
import { AGENTS, STAGES } from "./stage-name";

export { AGENTS, STAGES };

export const Stage = z.enum(STAGES);
export type Stage = z.infer<typeof Stage>;

export const Agent = z.enum(AGENTS);
export type Agent = z.infer<typeof Agent>;

/** Task names as `taskName` of a task state shows them. */
export const TASK_NAMES: Readonly<Record<Stage, string>> = {
  discover: "discover_next_phase",
  submit: "submit_codex_job",
  publish: "apply_and_publish",
};

/** Names the Celery application registers. */
export const CELERY_TASK_NAMES: Readonly<Record<Stage, string>> = {
  discover: "spec_workflow_runs.discover_next_phase",
  submit: "spec_workflow_runs.submit_codex_job",
  publish: "spec_workflow_runs.apply_and_publish",
};

/** The stage after this one, or undefined after the last. */
export function nextStage(stage: Stage): Stage | undefined {
  return STAGES[STAGES.indexOf(stage) + 1];
}
