import type { Logger } from "pino";
import type { SkillInput, Stage, StageDurations, StageExecutionDecision } from "../contract";
import type { RunFields, StageClaim } from "../store";
import type { ArtifactDirectory, ArtifactFile } from "./artifact-directory";
import type { SkillResult } from "./run-skill";
import type { StageConfiguration } from "./stage-configuration";
import type { WorkTree } from "./work-tree";

/** What a stage works with. */
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
  /** Has the stage's skill decide, or the direct logic, as configuration and outcome say. */
  decide<S extends Stage>(stage: S, request: DecisionRequest<S>): Promise<SkillResult<S>>;
}

export interface DecisionRequest<S extends Stage> {
  readonly input: Pick<SkillInput, "featureKey" | "task" | "summary">;
  /** The same without a skill. */
  readonly direct: () => Promise<SkillResult<S>>;
  /** Refuses an answer of the skill that does not fit the work tree, by an error. */
  readonly verify: (result: SkillResult<S>) => Promise<void>;
  /** Undoes what a failed skill did to the work tree. */
  readonly restore: () => Promise<void>;
}

/** How a stage ended well. */
export interface StageOutcome {
  readonly message: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly ArtifactFile[];
  readonly run: Partial<RunFields>;
  /** Null ends the run. */
  readonly next: Stage | null;
}

/** Decision and what led to it. */
export interface ExecutionRecord {
  readonly decision: StageExecutionDecision;
  /** Why the skill did not decide; null when it did, or was not to. */
  readonly fallbackReason: string | null;
  readonly artifacts: readonly ArtifactFile[];
}
