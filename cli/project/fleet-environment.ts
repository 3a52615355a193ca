import { Environment } from "../../constructs/environment";
import { EnvironmentError } from "../../constructs/environment-problem";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { ResourceNames } from "../../constructs/resource-names";
import { OperatorError } from "../console/operator-error";
import { environmentFile, findProject } from "./project";
import type { Project } from "./project";

/** One environment of the project in the working directory. */
export interface FleetEnvironment {
  readonly project: Project;
  readonly name: string;
  /** `environments/<name>.toml`. */
  readonly file: string;
  readonly settings: EnvironmentSettings;
  readonly names: ResourceNames;
}

/**
 * Loads an environment, and makes every later Docker command use its engine.
 *
 * @throws OperatorError with all problems of its files.
 */
export function loadEnvironment(name: string): FleetEnvironment {
  const project = findProject();
  const file = environmentFile(project, name);
  try {
    const { settings } = Environment.fromFile(file);
    if (settings.engine.host !== undefined) process.env.DOCKER_HOST = settings.engine.host;
    return { project, name, file, settings, names: new ResourceNames(name) };
  } catch (error) {
    if (error instanceof EnvironmentError) throw new OperatorError(error.message);
    throw error;
  }
}
