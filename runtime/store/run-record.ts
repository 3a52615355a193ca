import type { Agent, PreflightStatus, RunStatus, SkillOverrides } from "../contract";
import type { RunRow, RunUpdate } from "./schema";

/** The run, as a stage sees it. */
export interface RunRecord {
  readonly id: string;
  readonly repository: string;
  /** Null until discover has picked one. */
  readonly featureKey: string | null;
  readonly agent: Agent;
  readonly status: RunStatus;
  readonly skillOverrides: SkillOverrides;
  /** The notes of the request, followed by those of each retry. */
  readonly notes: string | null;
  /** Absolute directory of the run's artifacts. */
  readonly artifactsPath: string;
  readonly branchName: string | null;
  readonly prUrl: string | null;
  readonly codexTaskId: string | null;
  readonly codexLogsPath: string | null;
  readonly codexPatchPath: string | null;
  readonly createdAt: Date;
}

/** Fields of its run that a stage may change. Absent keys stay unchanged. */
export interface RunFields {
  readonly featureKey: string | null;
  readonly branchName: string | null;
  readonly prUrl: string | null;
  readonly codexTaskId: string | null;
  readonly codexPreflightStatus: PreflightStatus | null;
  readonly codexPreflightMessage: string | null;
  readonly codexLogsPath: string | null;
  readonly codexPatchPath: string | null;
}

const COLUMNS = {
  featureKey: "feature_key",
  branchName: "branch_name",
  prUrl: "pr_url",
  codexTaskId: "codex_task_id",
  codexPreflightStatus: "codex_preflight_status",
  codexPreflightMessage: "codex_preflight_message",
  codexLogsPath: "codex_logs_path",
  codexPatchPath: "codex_patch_path",
} as const satisfies Record<keyof RunFields, keyof RunUpdate>;

export function toRunRecord(row: RunRow): RunRecord {
  return {
    id: row.id,
    repository: row.repository,
    featureKey: row.feature_key,
    agent: row.agent,
    status: row.status,
    skillOverrides: row.skill_overrides,
    notes: row.notes,
    artifactsPath: row.artifacts_path,
    branchName: row.branch_name,
    prUrl: row.pr_url,
    codexTaskId: row.codex_task_id,
    codexLogsPath: row.codex_logs_path,
    codexPatchPath: row.codex_patch_path,
    createdAt: row.created_at,
  };
}

/** The columns of the given fields. */
export function runColumns(fields: Partial<RunFields>): RunUpdate {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [COLUMNS[field as keyof RunFields], value]),
  );
}
