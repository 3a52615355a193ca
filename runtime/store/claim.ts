import type { ArtifactType, Stage, WorkflowTaskStatePayload } from "../contract";
import type { RunRecord } from "./run-record";

/** A worker's right to work on one stage of a run; every write checks `token`. */
export interface StageClaim {
  readonly runId: string;
  readonly stage: Stage;
  readonly attempt: number;
  /** Fencing token; every claim of the run gets a higher one. */
  readonly token: number;
  readonly taskId: string;
  readonly run: RunRecord;
  /** The planned decision, as on the queued row. */
  readonly payload: WorkflowTaskStatePayload;
  /** Payloads of the earlier stages of this run that succeeded. */
  readonly payloads: Partial<Record<Stage, WorkflowTaskStatePayload>>;
}

/** Result of an attempt to claim a stage. */
export type ClaimResult =
  | { readonly kind: "claimed"; readonly claim: StageClaim }
  /** Another worker holds the stage: the outbox has a new message for later, acknowledge this one. */
  | { readonly kind: "held"; readonly holder: string; readonly until: Date }
  /** Nothing left to do: acknowledge. */
  | { readonly kind: "finished" }
  /** There is no such run or task: reject. */
  | { readonly kind: "unknown" };

/** A file that a stage produces. `path` is relative to the run's `artifactsPath`. */
export interface NewArtifact {
  readonly artifactType: ArtifactType;
  readonly path: string;
  readonly contentType: string | null;
  readonly sizeBytes: number | null;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string | null;
}

/** The lease was taken over or the stage is finished: stop, nothing was written. */
export class StaleLeaseError extends Error {
  constructor(claim: Pick<StageClaim, "runId" | "stage" | "attempt" | "token">) {
    super(
      `the lease with token ${claim.token} on stage ${claim.stage}, attempt ${claim.attempt}, of run ${claim.runId} is no longer valid: another worker took over`,
    );
    this.name = "StaleLeaseError";
  }
}
