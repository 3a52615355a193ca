import { z } from "zod";
import { ImageLayout } from "./image-layout";
import {
  absolutePath,
  ALL_READERS,
  commaList,
  duration,
  flag,
  hostPort,
  httpUrl,
  integer,
  queueName,
  skillId,
  text,
  WORKERS,
} from "./variable";
import type { Variable } from "./variable";
import { RepositoryName } from "./workflow-api";

/** Keeps the exact type of each record, so that readers know its value and whether it has a default. */
function variable<const Record extends Variable>(record: Record): Record {
  return record;
}

/** Every variable the fleet understands. A name that is not here is refused at synth. */
export const VARIABLES = {
  FLEET_ENVIRONMENT: variable({
    description: "Name of the environment, as in logs, metrics and the worker table.",
    schema: text,
    default: "local",
    readers: ALL_READERS,
    field: "name",
  }),
  FLEET_WORKER: variable({
    description: "Kind of this worker.",
    schema: z.enum(["codex", "gemini"]),
    default: "codex",
    readers: WORKERS,
    field: "workers",
  }),
  FLEET_IMAGE: variable({
    description: "Image reference of this container, for the startup profile.",
    schema: text,
    default: "unknown",
    readers: ALL_READERS,
    field: "images",
  }),
  FLEET_WAIT_TIMEOUT: variable({
    description: "How long a container waits at start for broker and database before it gives up with exit code 69.",
    schema: duration,
    default: "2m",
    readers: ALL_READERS,
  }),
  FLEET_ENGINE: variable({
    description:
      "What the worker runs on: docker, or local for processes on a host without a container. Local cannot prove the login volume's mount and the image's Codex policy files; preflight says so instead.",
    schema: z.enum(["docker", "local"], "must be docker or local"),
    default: "docker",
    readers: WORKERS,
    field: "engine",
  }),
  FLEET_STATE_DIRECTORY: variable({
    description: "Directory of a running worker's state: heartbeat, phase, startup profile.",
    schema: absolutePath,
    default: ImageLayout.state,
    readers: WORKERS,
  }),
  FLEET_TOOLING: variable({
    description: "Record of the tools the image was built with.",
    schema: absolutePath,
    default: ImageLayout.tooling,
    readers: WORKERS,
  }),
  FLEET_PREFLIGHT: variable({
    description: "Program that checks a worker before it consumes.",
    schema: absolutePath,
    default: `${ImageLayout.runtime}/preflight.js`,
    readers: WORKERS,
  }),
  FLEET_STAGE_RUNNER: variable({
    description: "Program that carries out a stage.",
    schema: absolutePath,
    default: `${ImageLayout.runtime}/stage.js`,
    readers: WORKERS,
  }),
  FLEET_API_LISTEN: variable({
    description: "Address and port the API listens on inside its container.",
    schema: hostPort,
    default: "0.0.0.0:8080",
    readers: ["api"],
    field: "api.listen",
  }),
  FLEET_API_TOKEN: variable({ description: "Bearer token of the API.", schema: text, readers: ["api"], secret: true }),
  LOG_LEVEL: variable({
    description: "Least severe log line that is written.",
    schema: z
      .string()
      .toLowerCase()
      .pipe(z.enum(["debug", "info", "warn", "error"], "must be debug, info, warn or error")),
    default: "info",
    readers: ALL_READERS,
  }),

  POSTGRES_HOST: variable({
    description: "Host of the database.",
    schema: text,
    default: "postgres",
    readers: ALL_READERS,
    field: "database.host",
  }),
  POSTGRES_PORT: variable({
    description: "Port of the database.",
    schema: integer(1, 65535),
    default: "5432",
    readers: ALL_READERS,
    field: "database.port",
  }),
  POSTGRES_USER: variable({
    description: "User of the database.",
    schema: text,
    default: "fleet",
    readers: ALL_READERS,
    field: "database.user",
  }),
  POSTGRES_DB: variable({
    description: "Name of the database.",
    schema: text,
    default: "fleet",
    readers: ALL_READERS,
    field: "database.name",
  }),
  POSTGRES_PASSWORD: variable({ description: "Password of the database user.", schema: text, readers: ALL_READERS, secret: true }),

  CELERY_BROKER_URL: variable({
    description: "Address of the broker, without credentials.",
    schema: z.string().regex(/^amqps?:\/\/[^@\s]+$/, "must be amqp://host:port/vhost without user and password"),
    default: "amqp://rabbitmq:5672//",
    readers: ALL_READERS,
    field: "broker.url",
  }),
  RABBITMQ_USER: variable({
    description: "User of the broker.",
    schema: text,
    default: "worker",
    readers: ALL_READERS,
    field: "broker.user",
  }),
  RABBITMQ_PASSWORD: variable({ description: "Password of the broker user.", schema: text, readers: ALL_READERS, secret: true }),
  CELERY_DEFAULT_EXCHANGE: variable({
    description: "Topic exchange all stages are published to.",
    schema: queueName,
    default: "speckit",
    readers: ALL_READERS,
  }),
  CELERY_DEFAULT_QUEUE: variable({
    description: "Queue of the discover and publish stages.",
    schema: queueName,
    default: "speckit",
    readers: ALL_READERS,
  }),
  SPEC_WORKFLOW_CODEX_QUEUE: variable({
    description: "Queue of the submit stage with Codex.",
    schema: queueName,
    default: "codex",
    readers: ALL_READERS,
    aliases: ["CODEX_QUEUE"],
  }),
  GEMINI_CELERY_QUEUE: variable({
    description: "Queue of the submit stage with Gemini.",
    schema: queueName,
    default: "gemini",
    readers: ALL_READERS,
  }),

  CODEX_VOLUME_NAME: variable({
    description: "Docker volume that keeps the agents' login.",
    schema: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/, "must be a Docker volume name"),
    default: "codex_auth_volume",
    readers: ["api", "codex"],
    field: "codex.volume_name",
  }),
  CODEX_VOLUME_PATH: variable({
    description: "Where the login volume is mounted; CODEX_HOME is the same.",
    schema: absolutePath,
    default: `${ImageLayout.home}/.codex`,
    readers: ["codex"],
    field: "codex.volume_path",
  }),
  CODEX_AUTH: variable({
    description: "How Codex authenticates: a ChatGPT login in the volume, an API key, or not at all (own provider).",
    schema: z.enum(["chatgpt", "api_key", "none"]),
    default: "chatgpt",
    readers: ["codex"],
    field: "codex.auth",
  }),
  CODEX_MODEL: variable({
    description: "Model Codex uses instead of its own default.",
    schema: text,
    readers: ["codex"],
    field: "codex.model",
  }),
  CODEX_PROVIDER_URL: variable({
    description: "Base address of a provider with the Responses API, used instead of OpenAI.",
    schema: httpUrl,
    readers: ["codex"],
    field: "codex.provider_url",
  }),
  CODEX_TEMPLATE_PATH: variable({
    description: "Template the managed Codex settings are seeded from.",
    schema: absolutePath,
    default: ImageLayout.codexTemplate,
    readers: WORKERS,
  }),
  OPENAI_API_KEY: variable({
    description: 'API key of Codex, with codex.auth = "api_key".',
    schema: text,
    readers: ["codex"],
    secret: true,
  }),

  GEMINI_API_KEY: variable({
    description: "Key of Gemini: the CLI's credential, and the embeddings' when GOOGLE_API_KEY is not set.",
    schema: text,
    readers: WORKERS,
    secret: true,
  }),
  GOOGLE_API_KEY: variable({
    description: "Google key of the embeddings; the Gemini CLI gets it when GEMINI_API_KEY is not set.",
    schema: text,
    readers: WORKERS,
    secret: true,
  }),
  GEMINI_MODEL: variable({
    description: "Model Gemini uses instead of its own default.",
    schema: text,
    readers: ["gemini"],
    field: "gemini.model",
  }),
  GOOGLE_GEMINI_BASE_URL: variable({
    description: "Address of the Gemini API, when it is not Google's own.",
    schema: httpUrl,
    readers: ["gemini"],
    field: "gemini.base_url",
  }),
  DEFAULT_EMBEDDING_PROVIDER: variable({
    description: "Provider of embeddings; with google a key has to be there before a worker accepts jobs.",
    schema: z.enum(["google", "none"]),
    default: "google",
    readers: WORKERS,
    field: "embedding.provider",
  }),
  GOOGLE_EMBEDDING_MODEL: variable({ description: "Embedding model.", schema: text, default: "gemini-embedding-001", readers: WORKERS }),

  SPEC_WORKFLOW_STAGE_TIMEOUT: variable({
    description: "Soft limit of a stage; every other duration follows from it.",
    schema: duration,
    default: "30m",
    readers: ALL_READERS,
    field: "stages.timeout",
  }),
  SPEC_WORKFLOW_USE_SKILLS: variable({
    description: "Whether stages are carried out by skills.",
    schema: flag,
    default: "true",
    readers: ALL_READERS,
    field: "skills.enabled",
  }),
  SPEC_WORKFLOW_SKILLS_SHADOW_MODE: variable({
    description: "Whether a skill also runs on a copy of the work tree without deciding.",
    schema: flag,
    default: "false",
    readers: ALL_READERS,
    field: "skills.shadow",
  }),
  SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED: variable({
    description: "Whether a stage whose skill failed is carried out by direct logic.",
    schema: flag,
    default: "true",
    readers: ALL_READERS,
    field: "skills.fallback",
  }),
  SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: variable({
    description: "Share of stages that use skills.",
    schema: integer(0, 100),
    default: "100",
    readers: ALL_READERS,
    field: "skills.canary_percent",
  }),
  SPEC_WORKFLOW_DEFAULT_SKILL: variable({
    description: "Skill of every stage that names no other.",
    schema: skillId,
    default: "speckit",
    readers: ALL_READERS,
    field: "skills.default",
  }),
  SPEC_WORKFLOW_DISCOVER_SKILL: variable({
    description: "Skill of the discover stage.",
    schema: skillId,
    readers: ALL_READERS,
    field: "skills.discover",
  }),
  SPEC_WORKFLOW_SUBMIT_SKILL: variable({
    description: "Skill of the submit stage.",
    schema: skillId,
    readers: ALL_READERS,
    field: "skills.submit",
  }),
  SPEC_WORKFLOW_PUBLISH_SKILL: variable({
    description: "Skill of the publish stage.",
    schema: skillId,
    readers: ALL_READERS,
    field: "skills.publish",
  }),
  SPEC_WORKFLOW_ALLOWED_SKILLS: variable({
    description: "Skills a run may use, separated by commas.",
    schema: commaList,
    default: "speckit",
    readers: ALL_READERS,
    field: "skills.allowed",
  }),
  SPEC_WORKFLOW_SKILLS_ROOT: variable({
    description: "Directories with skills, separated by commas; the first that has a skill wins.",
    schema: commaList,
    default: ImageLayout.skills,
    readers: WORKERS,
  }),

  SPEC_WORKFLOW_TASKS_ROOT: variable({
    description: "Directory of the features inside a repository.",
    schema: text,
    default: "specs",
    readers: WORKERS,
  }),
  SPEC_WORKFLOW_WORKSPACE_ROOT: variable({
    description: "Where runs keep their work trees and artifacts.",
    schema: text,
    default: ImageLayout.workspaces,
    readers: ALL_READERS,
  }),
  SPEC_WORKFLOW_DEFAULT_FEATURE_KEY: variable({
    description: "Feature of a run that names none; without it, the first feature with an open task.",
    schema: text,
    readers: ["api"],
  }),
  SPEC_WORKFLOW_GITHUB_REPOSITORY: variable({
    description: "Repository of a run that names none.",
    schema: RepositoryName,
    readers: ["api"],
  }),
  SPEC_WORKFLOW_GITHUB_API_URL: variable({
    description: "GitHub's REST API; `none` for a plain git remote, which gets the branch alone.",
    schema: z.union([z.literal("none"), httpUrl]),
    default: "https://api.github.com",
    readers: ["codex"],
    field: "github.api_url",
  }),
  SPEC_WORKFLOW_GITHUB_GIT_URL: variable({
    description: "Address that owner/name is appended to for clone and push.",
    schema: text,
    default: "https://github.com",
    readers: ["codex"],
    field: "github.git_url",
  }),
  GITHUB_TOKEN: variable({
    description: "Token for clone, push and pull requests.",
    schema: text,
    readers: ["codex"],
    secret: true,
    aliases: ["SPEC_WORKFLOW_GITHUB_TOKEN"],
  }),

  SPEC_WORKFLOW_METRICS_HOST: variable({
    description: "StatsD host; without it no metrics are sent.",
    schema: text,
    readers: WORKERS,
    aliases: ["STATSD_HOST"],
  }),
  SPEC_WORKFLOW_METRICS_PORT: variable({
    description: "StatsD port (UDP).",
    schema: integer(1, 65535),
    default: "8125",
    readers: WORKERS,
    aliases: ["STATSD_PORT"],
  }),
  SPEC_WORKFLOW_METRICS_PREFIX: variable({
    description: "Prefix of every metric.",
    schema: text,
    default: "moonmind.spec_workflow",
    readers: WORKERS,
  }),
} as const;

export type VariableName = keyof typeof VARIABLES;

/** All variables as one list, for tables and loops. */
export const VARIABLE_LIST: ReadonlyArray<readonly [VariableName, Variable]> = Object.entries(VARIABLES) as never;
