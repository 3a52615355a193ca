import { z } from "zod";
import { ImageLayout } from "./image-layout";
import { absolutePath, ALL_READERS, duration, hostPort, integer, queueName, text, WORKERS, variable } from "./variable";

/** Variables of the containers themselves and of the services they talk to. */
export const SERVICE_VARIABLES = {
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
    readers: WORKERS,
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
} as const;
