import { STAGES, TASK_NAMES } from "../contract";
import type { Artifact, Run, TaskState, TaskSummary } from "../contract";
import type { ArtifactRow, RunRow, TaskRow } from "../store";

/** The rows a run's JSON needs besides the run's own. */
export interface RunParts {
  /** Every task of the run; the summary is made from them. */
  readonly tasks: readonly TaskRow[];
  /** @default false */
  readonly includeTasks?: boolean;
  /** @default none */
  readonly artifacts?: readonly ArtifactRow[];
}

export function runJson(row: RunRow, parts: RunParts): Run {
  return {
    id: row.id,
    featureKey: row.feature_key,
    status: row.status,
    phase: row.phase,
    repository: row.repository,
    agent: row.agent,
    branchName: row.branch_name,
    prUrl: row.pr_url,
    codexTaskId: row.codex_task_id,
    codexQueue: row.codex_queue,
    codexVolume: row.codex_volume,
    codexPreflightStatus: row.codex_preflight_status,
    codexPreflightMessage: row.codex_preflight_message,
    codexLogsPath: row.codex_logs_path,
    codexPatchPath: row.codex_patch_path,
    celeryChainId: null,
    requestedBy: row.requested_by,
    createdBy: row.created_by,
    currentTaskName: row.current_task_name,
    artifactsPath: row.artifacts_path,
    startedAt: time(row.started_at),
    finishedAt: time(row.finished_at),
    completedAt: time(row.completed_at),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    tasks: parts.includeTasks === true ? parts.tasks.map(taskJson) : [],
    taskSummary: taskSummary(parts.tasks),
    artifacts: (parts.artifacts ?? []).map(artifactJson),
    credentialAudit: null,
  };
}

export function taskJson(row: TaskRow): TaskState {
  return {
    id: row.id,
    taskName: TASK_NAMES[row.stage],
    status: row.status,
    attempt: row.attempt,
    payload: row.payload,
    message: row.message,
    artifactPaths: row.artifact_paths,
    startedAt: time(row.started_at),
    finishedAt: time(row.finished_at),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function artifactJson(row: ArtifactRow): Artifact {
  return {
    id: row.id,
    artifactType: row.artifact_type,
    path: row.path,
    contentType: row.content_type,
    sizeBytes: row.size_bytes,
    digest: row.digest,
    createdAt: row.created_at.toISOString(),
  };
}

/** The latest attempt of each stage, in the order of the stages. */
function taskSummary(tasks: readonly TaskRow[]): TaskSummary[] {
  return STAGES.flatMap((stage) => {
    const latest = tasks.filter((task) => task.stage === stage).sort((a, b) => b.attempt - a.attempt)[0];
    if (latest === undefined) return [];
    const { taskName, status, attempt, startedAt, finishedAt, updatedAt } = taskJson(latest);
    return [{ taskName, status, attempt, startedAt, finishedAt, updatedAt }];
  });
}

function time(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
