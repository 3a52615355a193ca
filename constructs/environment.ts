import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { locateBuildFiles } from "./build-files";
import { checkSettings } from "./environment-check";
import { collisions, ownCollisions } from "./environment-collision";
import type { NamedSettings } from "./environment-collision";
import { EnvironmentError } from "./environment-problem";
import type { EnvironmentProblem, SettingIssue } from "./environment-problem";
import type { EnvironmentInput, EnvironmentSettings } from "./environment-schema";
import { environmentNameProblem } from "./resource-names";
import { isTable, TomlSource, TomlSyntaxError } from "./toml-source";
import type { TomlTable } from "./toml-source";
import { buildSettings, locateAuthorities } from "./way-out";

/** Everything that differs between environments, complete and checked. */
export class Environment {
  /**
   * From a TOML file. A file `<name>.local.toml` beside it, which git ignores, overrides it with this machine's settings.
   *
   * @throws EnvironmentError with every problem of both files.
   */
  static fromFile(file: string): Environment {
    const sources = [file, localFile(file)].filter((each, index) => index === 0 || existsSync(each)).map(read);
    const broken = sources.flatMap((source) => (source instanceof TomlSource ? [] : [source]));
    if (broken.length > 0) throw new EnvironmentError(broken);
    const documents = sources as TomlSource[];
    const values = documents.reduce<TomlTable>((below, document) => overlaid(below, document.values), {});
    const locate = (issue: SettingIssue) => located(issue, documents);
    return new Environment(settingsOf(values, path.dirname(file), locate), locate);
  }

  /**
   * From settings in code, with the same keys as in a file. Files they name are relative to the working directory.
   *
   * @throws EnvironmentError with every problem.
   */
  static fromSettings(settings: EnvironmentInput): Environment {
    const locate = ({ path: key, message, fix }: SettingIssue) => ({ key: key.join("."), message, fix });
    return new Environment(settingsOf(settings, process.cwd(), locate), locate);
  }

  /**
   * All environments of a directory by name: every `<name>.toml` but the `.local.toml` files.
   *
   * @param names Only these. @default - all
   * @throws EnvironmentError with every problem of every file, volumes and ports that two files claim, names without a file.
   */
  static fromDirectory(directory: string, names?: readonly string[]): ReadonlyMap<string, Environment> {
    const known = readdirSync(directory)
      .filter((entry) => entry.endsWith(".toml") && !entry.endsWith(".local.toml"))
      .map((entry) => entry.slice(0, -".toml".length))
      .sort();
    const problems: EnvironmentProblem[] = [];
    const environments = new Map<string, Environment>();
    for (const name of names ?? known) {
      if (!known.includes(name)) {
        problems.push({
          key: "",
          message: `there is no environment "${name}" in ${shownPath(directory)}`,
          fix: `there are: ${known.join(", ")}`,
        });
        continue;
      }
      try {
        environments.set(name, Environment.fromFile(path.join(directory, `${name}.toml`)));
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        problems.push(...error.problems);
      }
    }
    problems.push(...ownershipProblems([...environments]));
    if (problems.length > 0) throw new EnvironmentError(problems);
    return environments;
  }

  private constructor(
    readonly settings: EnvironmentSettings,
    /** Adds file and line to an issue. @internal */
    readonly _locate: (issue: SettingIssue) => EnvironmentProblem,
  ) {}
}

/**
 * Problems of a new environment's volumes and ports: a volume name it uses twice, or one that another environment owns.
 *
 * @internal
 */
export function _collisionProblems(others: readonly NamedSettings[], name: string, environment: Environment): EnvironmentProblem[] {
  const named = { name, settings: environment.settings };
  return [...ownCollisions(named), ...others.flatMap((other) => collisions(other, named))].map(environment._locate);
}

function ownershipProblems(environments: readonly (readonly [string, Environment])[]): EnvironmentProblem[] {
  const named = environments.map(([name, { settings }]) => ({ name, settings }));
  return environments.flatMap(([name, environment], index) => {
    const problem = environmentNameProblem(name);
    if (problem !== undefined) return [environment._locate({ path: [], ...problem })];
    const earlier = named.slice(0, index).filter((other) => environmentNameProblem(other.name) === undefined);
    return _collisionProblems(earlier, name, environment);
  });
}

function settingsOf(
  values: Readonly<Record<string, unknown>>,
  directory: string,
  locate: (issue: SettingIssue) => EnvironmentProblem,
): EnvironmentSettings {
  const checked = checkSettings(values);
  if (checked.settings === undefined) throw new EnvironmentError(checked.issues.map(locate));
  const located = locateAuthorities(checked.settings.network, directory);
  const { build, issues } = locateBuildFiles(checked.settings.build, directory);
  issues.push(...located.issues);
  if (issues.length > 0) throw new EnvironmentError(issues.map(locate));
  return { ...checked.settings, network: located.network, build: buildSettings(build, located.network) };
}

function read(file: string): TomlSource | EnvironmentProblem {
  const shown = shownPath(file);
  try {
    return TomlSource.fromFile(file);
  } catch (error) {
    if (error instanceof TomlSyntaxError) {
      return {
        file: shown,
        line: error.line,
        key: "",
        message: `is not valid TOML: ${error.reason}`,
        fix: `correct this line\n${indented(error.frame)}`,
      };
    }
    const { code } = error as NodeJS.ErrnoException;
    return { file: shown, key: "", message: `cannot be read (${code ?? String(error)})`, fix: "create the file or correct the path" };
  }
}

/** Names the overlay's file when the overlay sets the key, else the environment's own file. */
function located(issue: SettingIssue, documents: readonly TomlSource[]): EnvironmentProblem {
  const document = documents.findLast((each) => each.has(issue.path)) ?? documents[0]!;
  return {
    file: shownPath(document.file),
    line: document.lineOf(issue.path),
    key: issue.path.join("."),
    message: issue.message,
    fix: issue.fix,
  };
}

function overlaid(below: TomlTable, above: TomlTable): TomlTable {
  const merged = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    return [key, isTable(under) && isTable(value) ? overlaid(under, value) : value] as const;
  });
  return { ...below, ...Object.fromEntries(merged) };
}

function localFile(file: string): string {
  return file.replace(/\.toml$/, ".local.toml");
}

function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative === "" || relative.startsWith("..") ? file : relative;
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
