import { sql } from "kysely";
import type { Kysely, Migration } from "kysely";

/** Tables for runs and their stages, outbox, leases, workers and dead letters. */
export const runs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const TIMES = `
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()`;

const STATEMENTS = [
  `CREATE TABLE runs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    repository text NOT NULL,
    feature_key text,
    agent text NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    phase text NOT NULL DEFAULT 'discover',
    skill_overrides jsonb NOT NULL DEFAULT '{}',
    notes text,
    branch_name text,
    pr_url text,
    codex_task_id text,
    codex_queue text,
    codex_volume text,
    codex_preflight_status text,
    codex_preflight_message text,
    codex_logs_path text,
    codex_patch_path text,
    requested_by uuid,
    created_by uuid,
    current_task_name text,
    artifacts_path text NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    completed_at timestamptz,${TIMES}
  )`,
  `CREATE UNIQUE INDEX runs_active_feature ON runs (repository, coalesce(feature_key, ''))
    WHERE status IN ('pending', 'running', 'retrying')`,
  `CREATE INDEX runs_by_status ON runs (status, sequence DESC)`,
  `CREATE INDEX runs_by_feature ON runs (feature_key, sequence DESC)`,
  `CREATE TABLE tasks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    stage text NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    status text NOT NULL DEFAULT 'queued',
    payload jsonb NOT NULL,
    message text,
    artifact_paths jsonb NOT NULL DEFAULT '[]',
    lost_leases integer NOT NULL DEFAULT 0,
    started_at timestamptz,
    finished_at timestamptz,${TIMES},
    UNIQUE (run_id, stage, attempt)
  )`,
  `CREATE TABLE artifacts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    artifact_type text NOT NULL,
    path text NOT NULL,
    content_type text,
    size_bytes bigint,
    digest text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (run_id, artifact_type, path)
  )`,
  `CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    stage text NOT NULL,
    attempt integer NOT NULL,
    body jsonb NOT NULL,
    available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failures integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (run_id, stage, attempt),
    FOREIGN KEY (run_id, stage, attempt) REFERENCES tasks (run_id, stage, attempt) ON DELETE CASCADE
  )`,
  `CREATE INDEX outbox_due ON outbox (available_at)`,
  `CREATE TABLE leases (
    run_id uuid PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    stage text NOT NULL,
    attempt integer NOT NULL,
    token bigint NOT NULL DEFAULT 0,
    holder text,
    expires_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE INDEX leases_held ON leases (expires_at) WHERE holder IS NOT NULL`,
  `CREATE TABLE workers (
    name text PRIMARY KEY,
    profile jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    queue text NOT NULL,
    reason text NOT NULL,
    body text NOT NULL,
    headers jsonb NOT NULL DEFAULT '{}',
    run_id uuid,
    stage text,
    attempt integer,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
];
