import { existsSync, readFileSync } from "node:fs";
import type { z } from "zod";
import { ImageLayout } from "./image-layout";
import { VARIABLES } from "./variables";
import type { VariableName } from "./variables";

type Value<Name extends VariableName> = z.output<(typeof VARIABLES)[Name]["schema"]>;
type HasDefault<Name extends VariableName> = (typeof VARIABLES)[Name] extends { default: string } ? true : false;

/** Typed values of the requested variables; `undefined` only where a variable is optional. */
export type Configuration<Name extends VariableName> = {
  readonly [N in Name]: HasDefault<N> extends true ? Value<N> : Value<N> | undefined;
};

/** What is wrong with one variable. */
export interface ConfigurationProblem {
  readonly name: string;
  readonly message: string;
}

/** All problems at once; `problems` has one entry per variable. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(problems.map((problem) => `${problem.name}: ${problem.message}`).join("\n"));
    this.name = "ConfigurationError";
  }
}

/**
 * Reads variables from an environment: `NAME`, else the file that `NAME_FILE` names, else, for secrets, the file in
 * /run/secrets with that name in lower case, else the default.
 *
 * @param required Variables without a default that this reader needs.
 * @throws ConfigurationError with every problem found.
 */
export function readConfiguration<Name extends VariableName, Required extends VariableName = never>(
  names: readonly Name[],
  environment: Readonly<Record<string, string | undefined>>,
  secretsDirectory: string = ImageLayout.secrets,
  required: readonly Required[] = [],
): Configuration<Name> & { readonly [N in Required]: Value<N> } {
  const problems: ConfigurationProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const name of new Set<VariableName>([...names, ...required])) {
    try {
      values[name] = readVariable(name, environment, secretsDirectory);
      if (values[name] === undefined && (required as readonly VariableName[]).includes(name))
        throw new Error(missing(name, secretsDirectory));
    } catch (error) {
      problems.push({ name, message: (error as Error).message });
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return values as Configuration<Name> & { readonly [N in Required]: Value<N> };
}

function missing(name: VariableName, secretsDirectory: string): string {
  const secret = (VARIABLES[name] as { secret?: true }).secret === true;
  const ways = secret ? `${name}_FILE, or put it into ${secretsDirectory}/${name.toLowerCase()}` : name;
  return `is not set and has no default: set ${ways}`;
}

function readVariable(name: VariableName, environment: Readonly<Record<string, string | undefined>>, secretsDirectory: string): unknown {
  const record = VARIABLES[name] as (typeof VARIABLES)[VariableName] & { secret?: true; default?: string; aliases?: readonly string[] };
  const raw = rawText([name, ...(record.aliases ?? [])], record.secret === true, environment, secretsDirectory) ?? record.default;
  if (raw === undefined) return undefined;
  const result = record.schema.safeParse(raw);
  if (result.success) return result.data;
  const got = record.secret ? "" : `, got "${raw}"`;
  throw new Error(`${result.error.issues.map((issue) => issue.message).join("; ")}${got}`);
}

function rawText(
  names: readonly string[],
  secret: boolean,
  environment: Readonly<Record<string, string | undefined>>,
  secretsDirectory: string,
): string | undefined {
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined) return value;
    const file = environment[`${name}_FILE`];
    if (file !== undefined) return readSecretFile(file, `${name}_FILE`);
  }
  for (const name of secret ? names : []) {
    const file = `${secretsDirectory}/${name.toLowerCase()}`;
    if (existsSync(file)) return readSecretFile(file, name);
  }
  return undefined;
}

function readSecretFile(file: string, name: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new Error(
      `${name} names the file ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code}): mount it or correct the path`,
    );
  }
}
