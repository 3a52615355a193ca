import { secretVolumeName } from "../runtime/contract/secret-volume";
import type { SecretConsumer } from "../runtime/contract/secret-volume";

/** Names of the fleet's services: network alias, label and part of the container's name. */
export const ServiceName = {
  broker: "rabbitmq",
  database: "postgres",
  api: "api",
  codexWorker: "celery_codex_worker",
  geminiWorker: "celery_gemini_worker",
  scriptedModel: "scripted_model",
  scriptedGithub: "scripted_github",
} as const;
export type ServiceName = (typeof ServiceName)[keyof typeof ServiceName];

const ENVIRONMENT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Every Docker and stack name of one environment. codex-fleet finds them by the same names. */
export class ResourceNames {
  /** Stack with images and containers, which may be destroyed at any time. */
  readonly fleetStack: string;
  /** Stack with volumes and networks. */
  readonly dataStack: string;
  readonly networks: {
    /** Internal network of broker, database, API and workers. */
    readonly backplane: string;
    /** Network of containers with published ports. */
    readonly edge: string;
    /** Network with access to models and GitHub. */
    readonly egress: string;
  };
  readonly volumes: { readonly rabbitmq: string; readonly postgres: string; readonly workspaces: string };

  /** @throws Error when the name cannot be part of Docker's names. */
  constructor(readonly environment: string) {
    const problem = environmentNameProblem(environment);
    if (problem !== undefined) throw new Error(`${problem.message}; ${problem.fix}`);
    this.fleetStack = environment;
    this.dataStack = `${environment}-data`;
    this.networks = { backplane: `${environment}-backplane`, edge: `${environment}-edge`, egress: `${environment}-egress` };
    this.volumes = {
      rabbitmq: `${environment}-rabbitmq-data`,
      postgres: `${environment}-postgres-data`,
      workspaces: `${environment}-speckit_workspaces`,
    };
  }

  /** Name of a service's container; replicas are numbered from 1. The real name of a rolling replica ends with a time stamp. */
  container(service: string, replica?: number): string {
    return replica === undefined ? `${this.environment}-${service}` : `${this.environment}-${service}-${replica}`;
  }

  secrets(consumer: SecretConsumer): string {
    return secretVolumeName(this.environment, consumer);
  }
}

/** What is wrong with the name of an environment, or undefined. */
export function environmentNameProblem(environment: string): { readonly message: string; readonly fix: string } | undefined {
  const fix = "rename the file or the stack";
  if (!ENVIRONMENT_NAME.test(environment)) {
    return { message: `environment name must be 1 to 32 lower-case letters, digits and inner dashes, got "${environment}"`, fix };
  }
  if (!environment.endsWith("-data")) return undefined;
  return { message: `environment name must not end in "-data", got "${environment}": "X-data" is the data stack of an environment X`, fix };
}
