import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";
import { MissingPrerequisitesError } from "../console/prerequisite";
import type { Prerequisite } from "../console/prerequisite";

/** The engine that runs an environment. */
export const ENGINES = ["docker", "local"] as const;
export type Engine = (typeof ENGINES)[number];

/** Without one of these, Docker cannot be used; any other missing prerequisite can be fulfilled on this machine. */
const DOCKER_ALONE = /^(Terraform|Docker engine|Docker provider|Image .*)$/;

/** Those missing prerequisites without which Docker cannot be used. */
export function dockerLacks(missing: readonly Prerequisite[]): Prerequisite[] {
  return missing.filter(({ name }) => DOCKER_ALONE.test(name));
}

/**
 * Decides what to do when Docker cannot be used: on Linux a demonstration takes the local engine; any other environment takes
 * it only on request.
 *
 * @returns the sentence to print before the local engine is taken.
 * @throws the error itself, or an OperatorError that proposes the local engine.
 */
export function fallBack(error: unknown, environment: string, scripted: boolean, platform: NodeJS.Platform): string {
  if (!(error instanceof MissingPrerequisitesError)) throw error;
  const lacking = dockerLacks(error.missing);
  if (lacking.length === 0) throw error;
  if (platform !== "linux") throw new OperatorError(`${error.message}; without Docker a fleet runs only on Linux (--engine local)`);
  const command = `${COMMAND_NAME} up ${environment} --engine`;
  if (!scripted) throw new OperatorError(`${error.message}; for development it can run without Docker: ${command} local`);
  const found = lacking.map((item) => `${item.name}: ${item.found}`).join("; ");
  return `${environment} takes the local engine, because Docker cannot be used here: ${found}. What Docker needs: ${command} docker`;
}

/** Settings that the local engine does not support. */
export function leftOutLines({ workers }: Pick<EnvironmentSettings, "workers">): string[] {
  return (["codex", "gemini"] as const)
    .filter((agent) => workers[agent].replicas > 1)
    .map((agent) => `[workers.${agent}] replicas = ${workers[agent].replicas}: the local engine runs one worker of a kind.`);
}

/** Notice about what the local engine lacks. */
export function localEngineNotice(account: string): string {
  return [
    `Local engine: the same programs as processes of the user ${account} on this machine, without Docker and Terraform.`,
    `It does not isolate agents: they run with the rights of ${account} and reach whatever that user reaches, without limits on memory or processors;`,
    "services are not restarted automatically, and only Codex's config.toml sets its approval policy, not a file that only root can change.",
    "For development and a first look.",
  ].join("\n");
}
