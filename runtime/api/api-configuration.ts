import { ConfigurationError, plannedDecisions, readConfiguration, ROUTING_VARIABLES, SKILL_SELECTION_VARIABLES } from "../contract";
import type { Configuration, VariableName } from "../contract";
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
 * Reads the API's variables and checks that they are consistent.
 *
 * @throws ConfigurationError with every problem found.
 */
export function readApiConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
  secretsDirectory?: string,
): ApiConfiguration {
  const config = readConfiguration(API_VARIABLES, environment, secretsDirectory, API_SECRETS);
  try {
    plannedDecisions({}, config);
  } catch (error) {
    throw new ConfigurationError([{ name: "SPEC_WORKFLOW_ALLOWED_SKILLS", message: (error as Error).message }]);
  }
  return config;
}

/** The parts of a `host:port` that its variable's schema has accepted. */
export function listenAddress(text: string): ListenAddress {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
}
