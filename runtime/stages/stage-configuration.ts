import { readConfiguration, ROUTING_VARIABLES, SKILL_SELECTION_VARIABLES } from "../contract";
import type { Configuration, VariableName } from "../contract";
import { DATABASE_VARIABLES } from "../store";

/** Every variable a stage reads. */
export const STAGE_VARIABLES = [
  ...DATABASE_VARIABLES,
  ...ROUTING_VARIABLES,
  ...SKILL_SELECTION_VARIABLES,
  "FLEET_ENVIRONMENT",
  "FLEET_WORKER",
  "LOG_LEVEL",
  "CELERY_BROKER_URL",
  "RABBITMQ_USER",
  "RABBITMQ_PASSWORD",
  "CODEX_VOLUME_PATH",
  "CODEX_AUTH",
  "CODEX_MODEL",
  "CODEX_PROVIDER_URL",
  "OPENAI_API_KEY",
  "GEMINI_API_KEY",
  "GOOGLE_API_KEY",
  "GEMINI_MODEL",
  "GOOGLE_GEMINI_BASE_URL",
  "SPEC_WORKFLOW_STAGE_TIMEOUT",
  "SPEC_WORKFLOW_USE_SKILLS",
  "SPEC_WORKFLOW_SKILLS_SHADOW_MODE",
  "SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED",
  "SPEC_WORKFLOW_SKILLS_CANARY_PERCENT",
  "SPEC_WORKFLOW_SKILLS_ROOT",
  "SPEC_WORKFLOW_TASKS_ROOT",
  "SPEC_WORKFLOW_GITHUB_API_URL",
  "SPEC_WORKFLOW_GITHUB_GIT_URL",
  "GITHUB_TOKEN",
  "SPEC_WORKFLOW_METRICS_HOST",
  "SPEC_WORKFLOW_METRICS_PORT",
  "SPEC_WORKFLOW_METRICS_PREFIX",
] as const satisfies readonly VariableName[];

export type StageConfiguration = Configuration<(typeof STAGE_VARIABLES)[number]>;

/** @throws ConfigurationError with every problem. */
export function readStageConfiguration(environment: Readonly<Record<string, string | undefined>>): StageConfiguration {
  return readConfiguration(STAGE_VARIABLES, environment);
}
