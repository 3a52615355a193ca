import { createHash } from "node:crypto";
import type { Stage } from "../contract";

/** The canary bucket, 0 to 99, of a run's stage; the same in every attempt. */
export function canaryBucket(runId: string, stage: Stage): number {
  return parseInt(createHash("sha256").update(`${runId}:${stage}`).digest("hex").slice(0, 8), 16) % 100;
}
