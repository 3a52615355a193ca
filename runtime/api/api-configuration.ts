import {
  ConfigurationError,
  plannedDecisions,
  readConfiguration,
  RepositoryName,
  ROUTING_VARIABLES,
  SKILL_SELECTION_VARIABLES,
} from "../contract";
import type { Configuration, ConfigurationProblem, VariableName } from "../contract";
import { DATABASE_VARIABLES } from "../store";
import { BROKER_VARIABLES } from "../queue";

/** Every variable the API reads. */
export const API_VARIABLES = [
  ...DATABASE_VARIABLES,
  ...BROKER_VARIABLES,
  ...ROUTING_VARIABLES,
  ...SKILL_SELECTION_VARIABLES,
  "FLEET_API_LISTEN",
  "FLEET_ENVIRONMENT",
  "FLEET_WAIT_TIMEOUT",
  "LOG_LEVEL",
  "CODEX_VOLUME_NAME",
  "SPEC_WORKFLOW_WORKSPACE_ROOT",
  "SPEC_WORKFLOW_DEFAULT_FEATURE_KEY",
  "SPEC_WORKFLOW_GITHUB_REPOSITORY",
] as const satisfies readonly VariableName[];

const API_SECRETS = ["FLEET_API_TOKEN", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD"] as const;

export type ApiConfiguration = Configuration<(typeof API_VARIABLES)[number]> & Readonly<Record<(typeof API_SECRETS)[number], string>>;

/** Address a server listens on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads the API's variables and proves that they fit together.
 *
 * @throws ConfigurationError with every problem found.
 */
export function readApiConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
  secretsDirectory?: string,
): ApiConfiguration {
  const config = readConfiguration(API_VARIABLES, environment, secretsDirectory, API_SECRETS);
  const problems: ConfigurationProblem[] = [];
  const attempt = (name: string, check: () => unknown) => {
    try {
      check();
    } catch (error) {
      problems.push({ name, message: (error as Error).message });
    }
  };
  attempt("FLEET_API_LISTEN", () => listenAddress(config.FLEET_API_LISTEN));
  attempt("SPEC_WORKFLOW_ALLOWED_SKILLS", () => plannedDecisions({}, config));
  const repository = RepositoryName.optional().safeParse(config.SPEC_WORKFLOW_GITHUB_REPOSITORY);
  if (!repository.success) {
    problems.push({
      name: "SPEC_WORKFLOW_GITHUB_REPOSITORY",
      message: `${repository.error.issues[0]!.message}, got "${config.SPEC_WORKFLOW_GITHUB_REPOSITORY}"`,
    });
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return config;
}

/**
 * `host:port` in parts; an IPv6 host stands in brackets.
 *
 * @throws Error naming the text and what is allowed.
 */
export function listenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new Error(`must be host:port, for example 0.0.0.0:8080 or [::]:8080, got "${text}"`);
  return { host: (match[1] ?? match[2])!, port };
}
