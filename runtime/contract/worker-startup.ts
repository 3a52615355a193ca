import { z } from "zod";
import { Agent } from "./stage";
import { WorkerPhase } from "./state";

/** Result of one preflight check. */
export const CheckResult = z.object({
  /** Stable, dotted, lower case: `tools.codex`, `policy.approval`, `queue.codex`. */
  id: z.string(),
  status: z.enum(["ok", "warning", "failed", "unavailable"]),
  found: z.string(),
  expected: z.string(),
  /** What a person does about it; empty when nothing is to be done. */
  fix: z.string(),
  milliseconds: z.number(),
});
export type CheckResult = z.infer<typeof CheckResult>;

/** Where the agents' login lives: volume name and mount path are a contract between deploy, worker and operator. */
export const CodexAuthVolumeBinding = z.object({
  volumeName: z.string(),
  volumePath: z.string(),
  mounted: z.boolean(),
  writable: z.boolean(),
});
export type CodexAuthVolumeBinding = z.infer<typeof CodexAuthVolumeBinding>;

/** What a worker found out about itself when it started. */
export const CodexWorkerStartupProfile = z.object({
  worker: z.string(),
  kind: Agent,
  image: z.string(),
  phase: WorkerPhase,
  queueBindings: z.array(z.object({ queue: z.string(), type: z.string(), ready: z.boolean() })),
  codexPreflight: z.object({ status: z.enum(["passed", "failed", "waiting_for_login", "skipped"]), message: z.string() }),
  speckitCapability: z.object({ available: z.boolean(), version: z.string(), skills: z.array(z.string()) }),
  embeddingReadiness: z.object({
    provider: z.string(),
    model: z.string(),
    ready: z.boolean(),
    credentialSource: z.enum(["google_api_key", "gemini_api_key"]).nullable(),
  }),
  authVolume: CodexAuthVolumeBinding.nullable(),
  tools: z.record(z.string(), z.object({ path: z.string(), version: z.string() })),
  checks: z.array(CheckResult),
  startedAt: z.iso.datetime(),
});
export type CodexWorkerStartupProfile = z.infer<typeof CodexWorkerStartupProfile>;
