import type { Logger } from "pino";
import type { SkillInput, Stage, StageDurations, StageExecutionDecision } from "../contract";
import type { RunFields, StageClaim } from "../store";
import type { ArtifactDirectory, ArtifactFile } from "./artifact-directory";
import type { SkillResult } from "./run-skill";
import type { StageConfiguration } from "./stage-configuration";
import type { WorkTree } from "./work-tree";

/** What a stage needs to run. */
export interface StageContext {
  readonly claim: StageClaim;
  readonly config: StageConfiguration;
  readonly durations: StageDurations;
  readonly workTree: WorkTree;
  readonly artifacts: ArtifactDirectory;
  /** Aborted when the lease is lost or the process is told to stop. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Milliseconds since the stage began. */
  elapsed(): number;
  /** Lets the stage's skill decide, or the direct logic when skills are not used or the skill failed. */
  decide<S extends Stage>(stage: S, request: DecisionRequest<S>): Promise<SkillResult<S>>;
}

export interface DecisionRequest<S extends Stage> {
  readonly input: Pick<SkillInput, "featureKey" | "task" | "summary">;
  /** Makes the decision without a skill. */
  readonly direct: () => Promise<SkillResult<S>>;
  /** Throws when the skill's answer does not fit the work tree. */
  readonly verify: (result: SkillResult<S>) => Promise<void>;
  /** Undoes what a failed skill changed in the work tree. */
  readonly restore: () => Promise<void>;
}

/** The result of a stage that succeeded. */
export interface StageOutcome {
  readonly message: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly ArtifactFile[];
  readonly run: Partial<RunFields>;
  /** Null ends the run. */
  readonly next: Stage | null;
}

/** The decision that was carried out, and why. */
export interface ExecutionRecord {
  readonly decision: StageExecutionDecision;
  /** Why the skill failed; null when it decided or was not used. */
  readonly fallbackReason: string | null;
  readonly artifacts: readonly ArtifactFile[];
}
