import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";
import { MissingPrerequisitesError } from "../console/prerequisite";
import type { Prerequisite } from "../console/prerequisite";

/** What an environment runs on. */
export const ENGINES = ["docker", "local"] as const;
export type Engine = (typeof ENGINES)[number];

/** Without one of these there is no Docker to deploy to; anything else that is missing can be mended where it is. */
const DOCKER_ALONE = /^(Terraform|Docker engine|Docker provider|Image .*)$/;

/** What of all that is missing makes that there is no Docker to deploy to. */
export function dockerLacks(missing: readonly Prerequisite[]): Prerequisite[] {
  return missing.filter(({ name }) => DOCKER_ALONE.test(name));
}

/**
 * What to do about a machine Docker cannot be used on: a demonstration takes the local engine where there can be one,
 * anything else has to be asked for it.
 *
 * @returns the sentence to say before the local engine is taken.
 * @throws the error itself, or an OperatorError that names the local engine as a way.
 */
export function fallBack(error: unknown, environment: string, scripted: boolean, platform: NodeJS.Platform): string {
  if (!(error instanceof MissingPrerequisitesError)) throw error;
  const lacking = dockerLacks(error.missing);
  if (lacking.length === 0) throw error;
  if (platform !== "linux") throw new OperatorError(`${error.message}; without Docker a fleet runs on Linux alone (--engine local)`);
  const command = `${COMMAND_NAME} up ${environment} --engine`;
  if (!scripted) throw new OperatorError(`${error.message}; for development it can run without Docker: ${command} local`);
  const found = lacking.map((item) => `${item.name}: ${item.found}`).join("; ");
  return `${environment} takes the local engine, because Docker cannot be used here: ${found}. What Docker needs: ${command} docker`;
}

/** What the settings ask for and the local engine does not do. */
export function leftOutLines({ workers }: Pick<EnvironmentSettings, "workers">): string[] {
  return (["codex", "gemini"] as const)
    .filter((agent) => workers[agent].replicas > 1)
    .map((agent) => `[workers.${agent}] replicas = ${workers[agent].replicas}: the local engine runs one worker of a kind.`);
}

/** What the local engine is not. */
export function localEngineNotice(account: string): string {
  return [
    `Local engine: the same programs as processes of the user ${account} on this machine, without Docker and Terraform.`,
    `It is no isolation: agents run with the rights of ${account} and reach whatever that user reaches, without limits on memory or processors;`,
    "nothing starts again by itself, and Codex's approval policy stands in its config.toml alone, not in a file only root can change.",
    "For development and a first look.",
  ].join("\n");
}
