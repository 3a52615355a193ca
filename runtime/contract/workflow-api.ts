import { z } from "zod";
import { Agent, Stage } from "./stage";
import { StageExecutionDecision } from "./stage-execution-decision";
import { ArtifactType, PreflightStatus, RunPhase, RunStatus, TaskStatus } from "./state";

/** JSON of `/api/workflows/speckit`, camelCase, times in ISO 8601 UTC. */

const Time = z.iso.datetime();

export const RepositoryName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/, "must be owner/name")
  .refine((name) => name.split("/").every((part) => part !== "." && part !== ".."), "must not contain . or .. as a part");

export const FeatureKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "must be the name of a directory in specs/, letters, digits, dots, dashes and underscores");

export const SkillOverrides = z.partialRecord(Stage, z.string().min(1).max(64));
export type SkillOverrides = z.infer<typeof SkillOverrides>;

/** Body of POST /runs. */
export const CreateRunRequest = z.strictObject({
  repository: RepositoryName.optional(),
  featureKey: FeatureKey.optional(),
  agent: Agent.default("codex"),
  skillOverrides: SkillOverrides.default({}),
  notes: z.string().max(1024).optional(),
  createdBy: z.uuid().optional(),
});
export type CreateRunRequest = z.infer<typeof CreateRunRequest>;

export const RetryMode = z.enum(["resume_failed_task", "restart_from_discovery"]);
export type RetryMode = z.infer<typeof RetryMode>;

/** Body of POST /runs/{id}/retry. */
export const RetryRunRequest = z.strictObject({
  mode: RetryMode.default("resume_failed_task"),
  notes: z.string().max(1024).optional(),
});
export type RetryRunRequest = z.infer<typeof RetryRunRequest>;

/** Payload of a task state: the execution metadata is always there, the rest depends on stage and outcome. */
export const WorkflowTaskStatePayload = StageExecutionDecision.extend({
  code: z.string().optional(),
  reason: z.string().optional(),
  remediation: z.string().optional(),
}).loose();
export type WorkflowTaskStatePayload = z.infer<typeof WorkflowTaskStatePayload>;

export const TaskState = z.object({
  id: z.uuid(),
  taskName: z.string(),
  status: TaskStatus,
  attempt: z.int(),
  payload: WorkflowTaskStatePayload,
  message: z.string().nullable(),
  artifactPaths: z.array(z.string()),
  startedAt: Time.nullable(),
  finishedAt: Time.nullable(),
  createdAt: Time,
  updatedAt: Time,
});
export type TaskState = z.infer<typeof TaskState>;

export const TaskSummary = TaskState.pick({
  taskName: true,
  status: true,
  attempt: true,
  startedAt: true,
  finishedAt: true,
  updatedAt: true,
});
export type TaskSummary = z.infer<typeof TaskSummary>;

export const Artifact = z.object({
  id: z.uuid(),
  artifactType: ArtifactType,
  path: z.string(),
  contentType: z.string().nullable(),
  sizeBytes: z.int().nullable(),
  digest: z.string().nullable(),
  createdAt: Time,
});
export type Artifact = z.infer<typeof Artifact>;

export const Run = z.object({
  id: z.uuid(),
  featureKey: z.string().nullable(),
  status: RunStatus,
  phase: RunPhase,
  repository: z.string(),
  agent: Agent,
  branchName: z.string().nullable(),
  prUrl: z.string().nullable(),
  codexTaskId: z.string().nullable(),
  codexQueue: z.string().nullable(),
  codexVolume: z.string().nullable(),
  codexPreflightStatus: PreflightStatus.nullable(),
  codexPreflightMessage: z.string().nullable(),
  codexLogsPath: z.string().nullable(),
  codexPatchPath: z.string().nullable(),
  celeryChainId: z.string().nullable(),
  requestedBy: z.uuid().nullable(),
  createdBy: z.uuid().nullable(),
  currentTaskName: z.string().nullable(),
  artifactsPath: z.string().nullable(),
  startedAt: Time.nullable(),
  finishedAt: Time.nullable(),
  completedAt: Time.nullable(),
  createdAt: Time,
  updatedAt: Time,
  tasks: z.array(TaskState),
  taskSummary: z.array(TaskSummary),
  artifacts: z.array(Artifact),
  credentialAudit: z.null(),
});
export type Run = z.infer<typeof Run>;

/** Every error answer: `detail.code` is stable, `detail.message` says what to do. */
export const ApiError = z.object({
  detail: z.object({ code: z.string(), message: z.string(), runId: z.uuid().optional() }),
});
export type ApiError = z.infer<typeof ApiError>;
