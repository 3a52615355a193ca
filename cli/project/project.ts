import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../console/operator-error";
import { unknownName } from "../console/unknown-name";

/** A directory with a cdktf.json and a directory `environments`. */
export interface Project {
  readonly root: string;
  readonly environments: string;
}

/**
 * The project the working directory belongs to.
 *
 * @throws OperatorError when no directory upwards has a cdktf.json.
 */
export function findProject(from: string = process.cwd()): Project {
  const root = upwards(from, "cdktf.json");
  if (root === undefined)
    throw new OperatorError(`${from} is not inside a fleet project: no cdktf.json here or above; change into the project first`);
  return { root, environments: path.join(root, "environments") };
}

/** Root of this package, with `assets/`, both in a checkout and in an installed package. */
export function packageRoot(): string {
  return upwards(__dirname, "package.json")!;
}

/** Names of a project's environments, in order. */
export function environmentNames({ environments }: Pick<Project, "environments">): string[] {
  if (!existsSync(environments)) return [];
  return readdirSync(environments)
    .filter((entry) => entry.endsWith(".toml") && !entry.endsWith(".local.toml"))
    .map((entry) => entry.slice(0, -".toml".length))
    .sort();
}

/**
 * File of an environment.
 *
 * @throws UsageError with the most similar name and all names.
 */
export function environmentFile(project: Project, name: string): string {
  const file = path.join(project.environments, `${name}.toml`);
  const names = environmentNames(project);
  if (names.includes(name)) return file;
  throw unknownName(`no environment "${name}": ${file} does not exist`, name, names);
}

function upwards(from: string, name: string): string | undefined {
  for (let directory = path.resolve(from); ; directory = path.dirname(directory)) {
    if (existsSync(path.join(directory, name))) return directory;
    if (directory === path.dirname(directory)) return undefined;
  }
}
