import { z } from "zod";
import { VARIABLE_LIST, VARIABLES } from "../runtime/contract";
import type { Variable, VariableName, VariableReader } from "../runtime/contract";
import { Duration } from "./duration";
import type { EnvironmentSettings } from "./environment-schema";
import { wayOutVariables } from "./way-out";

/** Documented variables without a key of their own in an environment file; they may be set in `[variables]`. */
export const FREE_VARIABLES = VARIABLE_LIST.filter(([, variable]) => variable.field === undefined && variable.secret !== true);

/** Schema of `[variables]`: every free variable, under its name or an older one, checked by its own schema and kept as text. */
export function variablesSchema() {
  const entries = FREE_VARIABLES.flatMap(([name, variable]) =>
    [name, ...(variable.aliases ?? [])].map((key) => [key, valueOf(variable).optional()] as const),
  );
  return z.strictObject(Object.fromEntries(entries));
}

function valueOf(variable: Variable) {
  return z
    .union([z.string(), z.number(), z.boolean()], "must be text, a number, true or false")
    .transform(String)
    .superRefine((value, context) => {
      const result = variable.schema.safeParse(value);
      for (const issue of result.error?.issues ?? []) context.addIssue({ code: "custom", message: issue.message });
    })
    .describe(variable.description);
}

/** Variables that a construct sets itself, because their value is not the text of a setting. */
export type OwnVariables = Partial<Record<VariableName, string>>;

/**
 * Variables of a container: every setting and every entry of `[variables]` that this reader reads, and `own`. Never a
 * secret.
 */
export function containerVariables(
  settings: EnvironmentSettings,
  reader: VariableReader,
  own: OwnVariables,
): Readonly<Record<string, string>> {
  const read = VARIABLE_LIST.filter(
    ([, { readers, secret, field }]) => readers.includes(reader) && secret !== true && field?.startsWith("network.") !== true,
  );
  const values = read.map(([name, variable]) => [name, own[name] ?? settingText(settings, name, variable)] as const);
  return {
    ...wayOutVariables(settings.network, reader),
    ...Object.fromEntries(values.filter((entry): entry is readonly [VariableName, string] => entry[1] !== undefined)),
  };
}

/** Text of a variable in this environment, else its default. */
export function variableText(settings: EnvironmentSettings, name: WithDefault): string {
  return settingText(settings, name, VARIABLES[name]) ?? VARIABLES[name].default;
}

/** Start period of a container that waits for broker and database: its waiting time and half a minute. */
export function startPeriod(settings: EnvironmentSettings): Duration {
  return Duration.parse(variableText(settings, "FLEET_WAIT_TIMEOUT")).plus(Duration.seconds(30));
}

type WithDefault = { [Name in VariableName]: (typeof VARIABLES)[Name] extends { default: string } ? Name : never }[VariableName];

function settingText(settings: EnvironmentSettings, name: VariableName, variable: Variable): string | undefined {
  if (variable.field !== undefined) return textOf(at(settings, variable.field.split(".")));
  const free: Readonly<Record<string, string | undefined>> = settings.variables;
  return [name, ...(variable.aliases ?? [])].map((key) => free[key]).find((value) => value !== undefined);
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
