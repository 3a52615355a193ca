import type { RunFields } from "../store";
import type { ArtifactFile } from "./artifact-directory";

/** A stage that cannot succeed. Task and run record it; it is not tried again automatically. */
export class StageFailure extends Error {
  /** Stable, snake case. */
  readonly code: string;
  /** What precisely went wrong. */
  readonly reason: string;
  /** What a person does about it. */
  readonly remediation: string;
  readonly artifacts: readonly ArtifactFile[];
  readonly payload: Readonly<Record<string, unknown>>;
  readonly run: Partial<RunFields>;

  constructor(details: {
    readonly code: string;
    readonly reason: string;
    readonly remediation: string;
    readonly artifacts?: readonly ArtifactFile[];
    readonly payload?: Readonly<Record<string, unknown>>;
    readonly run?: Partial<RunFields>;
  }) {
    super(details.reason);
    this.name = "StageFailure";
    this.code = details.code;
    this.reason = details.reason;
    this.remediation = details.remediation;
    this.artifacts = details.artifacts ?? [];
    this.payload = details.payload ?? {};
    this.run = details.run ?? {};
  }
}
