import type { ColumnType, Generated, GeneratedAlways, Insertable, Selectable, Updateable } from "kysely";
import type {
  Agent,
  ArtifactType,
  CodexWorkerStartupProfile,
  PreflightStatus,
  RunPhase,
  RunStatus,
  SkillOverrides,
  Stage,
  StageMessage,
  TaskStatus,
  WorkflowTaskStatePayload,
} from "../contract";

/** The tables as queries see them. Comments on columns name the database's constraints; `migrations/` defines them. */
export interface Tables {
  runs: RunsTable;
  tasks: TasksTable;
  artifacts: ArtifactsTable;
  outbox: OutboxTable;
  leases: LeasesTable;
  workers: WorkersTable;
  dead_letters: DeadLettersTable;
}

/** Set by the database's clock only. */
type CreatedAt = ColumnType<Date, never, never>;
type Timestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;
type JsonColumn<T> = ColumnType<T, string, string>;

export interface RunsTable {
  id: Generated<string>;
  /** Order of creation, for cursors. */
  sequence: GeneratedAlways<number>;
  repository: string;
  /** Unique with the repository among the runs that are not finished. */
  feature_key: string | null;
  agent: Agent;
  status: Generated<RunStatus>;
  phase: Generated<RunPhase>;
  skill_overrides: JsonColumn<SkillOverrides>;
  notes: string | null;
  branch_name: string | null;
  pr_url: string | null;
  codex_task_id: string | null;
  codex_queue: string | null;
  codex_volume: string | null;
  codex_preflight_status: PreflightStatus | null;
  codex_preflight_message: string | null;
  codex_logs_path: string | null;
  codex_patch_path: string | null;
  requested_by: string | null;
  created_by: string | null;
  current_task_name: string | null;
  artifacts_path: string;
  started_at: Timestamp;
  finished_at: Timestamp;
  completed_at: Timestamp;
  created_at: CreatedAt;
  updated_at: ColumnType<Date, never, Date>;
}

export interface TasksTable {
  id: Generated<string>;
  sequence: GeneratedAlways<number>;
  run_id: string;
  stage: Stage;
  /** Unique with run and stage. */
  attempt: number;
  status: Generated<TaskStatus>;
  payload: JsonColumn<WorkflowTaskStatePayload>;
  message: string | null;
  artifact_paths: ColumnType<string[], string | undefined, string>;
  /** How often a worker that held this task stopped renewing the lease. */
  lost_leases: Generated<number>;
  started_at: Timestamp;
  finished_at: Timestamp;
  created_at: CreatedAt;
  updated_at: ColumnType<Date, never, Date>;
}

export interface ArtifactsTable {
  id: Generated<string>;
  run_id: string;
  task_id: string;
  artifact_type: ArtifactType;
  /** Unique with run and type. */
  path: string;
  content_type: string | null;
  size_bytes: number | null;
  digest: string | null;
  created_at: CreatedAt;
}

/** Messages to publish; published rows are deleted. At most one row per task. */
export interface OutboxTable {
  id: GeneratedAlways<number>;
  run_id: string;
  stage: Stage;
  attempt: number;
  body: JsonColumn<StageMessage>;
  available_at: ColumnType<Date, Date | undefined, Date>;
  failures: Generated<number>;
  last_error: string | null;
  created_at: CreatedAt;
}

/** One row per run, since a run has one stage at a time. `holder` is null while no worker has the stage. */
export interface LeasesTable {
  run_id: string;
  stage: Stage;
  attempt: number;
  /** Every claim raises it; only the claim with the latest token may write. */
  token: number;
  holder: string | null;
  expires_at: ColumnType<Date, never, Date>;
}

export interface WorkersTable {
  name: string;
  profile: JsonColumn<CodexWorkerStartupProfile>;
  started_at: ColumnType<Date, Date | string, Date | string>;
  updated_at: ColumnType<Date, never, Date>;
}

export interface DeadLettersTable {
  id: GeneratedAlways<number>;
  /** Unique: a dead letter that is read twice is stored once. */
  message_id: string;
  queue: string;
  reason: string;
  body: string;
  headers: JsonColumn<Record<string, unknown>>;
  run_id: string | null;
  stage: Stage | null;
  attempt: number | null;
  created_at: CreatedAt;
}

export type RunRow = Selectable<RunsTable>;
export type RunUpdate = Updateable<RunsTable>;
export type TaskRow = Selectable<TasksTable>;
export type ArtifactRow = Selectable<ArtifactsTable>;
export type NewRun = Insertable<RunsTable>;
