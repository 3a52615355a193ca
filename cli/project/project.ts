import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../console/operator-error";

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

/** Root of this package, where `assets/` is: the same in a checkout and where it is installed. */
export function packageRoot(): string {
  return upwards(__dirname, "package.json")!;
}

/**
 * File of an environment.
 *
 * @throws OperatorError naming the environments there are.
 */
export function environmentFile(project: Project, name: string): string {
  const file = path.join(project.environments, `${name}.toml`);
  if (existsSync(file)) return file;
  const names = existsSync(project.environments)
    ? readdirSync(project.environments)
        .filter((entry) => entry.endsWith(".toml") && !entry.endsWith(".local.toml"))
        .map((entry) => entry.slice(0, -".toml".length))
    : [];
  throw new OperatorError(`no environment "${name}": ${file} does not exist; there are ${names.join(", ") || "none"}`);
}

function upwards(from: string, name: string): string | undefined {
  for (let directory = path.resolve(from); ; directory = path.dirname(directory)) {
    if (existsSync(path.join(directory, name))) return directory;
    if (directory === path.dirname(directory)) return undefined;
  }
}
