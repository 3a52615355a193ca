import { z } from "zod";

export const RunStatus = z.enum(["pending", "running", "succeeded", "failed", "no_work", "cancelled", "retrying"]);
export type RunStatus = z.infer<typeof RunStatus>;

export const RunPhase = z.enum(["discover", "submit", "apply", "publish", "complete"]);
export type RunPhase = z.infer<typeof RunPhase>;

export const TaskStatus = z.enum(["queued", "running", "succeeded", "failed", "skipped"]);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const PreflightStatus = z.enum(["pending", "passed", "failed", "skipped"]);
export type PreflightStatus = z.infer<typeof PreflightStatus>;

export const ArtifactType = z.enum([
  "codex_logs",
  "codex_patch",
  "codex_usage",
  "policy_evidence",
  "gh_push_log",
  "gh_pr_response",
  "pr_payload",
  "run_summary",
  "skill_shadow",
]);
export type ArtifactType = z.infer<typeof ArtifactType>;

export const WorkerPhase = z.enum(["starting", "waiting_for_login", "consuming", "suspended", "stopping"]);
export type WorkerPhase = z.infer<typeof WorkerPhase>;
