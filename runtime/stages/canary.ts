import { createHash } from "node:crypto";
import type { Stage } from "../contract";

/** The share of stages, from 0 to 99, a stage of a run belongs to; the same on every try. */
export function canaryBucket(runId: string, stage: Stage): number {
  return parseInt(createHash("sha256").update(`${runId}:${stage}`).digest("hex").slice(0, 8), 16) % 100;
}
