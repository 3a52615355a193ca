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

/** The tables as queries see them. Column comments say what the database enforces, `migrations/` how. */
export interface Tables {
  runs: RunsTable;
  tasks: TasksTable;
  artifacts: ArtifactsTable;
  outbox: OutboxTable;
  leases: LeasesTable;
  workers: WorkersTable;
  dead_letters: DeadLettersTable;
}

/** The database's clock fills it; nobody else's does. */
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
  /** How often a worker vanished while it held this task. */
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

/** Messages that are to be published; a published one is deleted. At most one row a task. */
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

/** One row a run, as a run has one stage at a time. `holder` is null while nobody works on it. */
export interface LeasesTable {
  run_id: string;
  stage: Stage;
  attempt: number;
  /** Rises with every claim; only the latest may write. */
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
  /** Unique: a letter that is read twice is kept once. */
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
