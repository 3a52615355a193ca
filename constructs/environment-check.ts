import type { z } from "zod";
import { VARIABLES, VARIABLE_LIST } from "../runtime/contract";
import { contradictions } from "./environment-contradiction";
import { nearest, shown } from "./environment-problem";
import type { SettingIssue } from "./environment-problem";
import { EnvironmentSchema } from "./environment-schema";
import type { EnvironmentSettings } from "./environment-schema";
import { isTable } from "./toml-source";

export type CheckedSettings =
  | { readonly settings: EnvironmentSettings; readonly issues: readonly [] }
  | { readonly settings?: never; readonly issues: readonly SettingIssue[] };

type Section = keyof typeof EnvironmentSchema.shape;
const SECTIONS = Object.keys(EnvironmentSchema.shape) as Section[];

/** All issues of an environment's values, or the complete settings. */
export function checkSettings(values: Readonly<Record<string, unknown>>): CheckedSettings {
  const issues: SettingIssue[] = Object.keys(values)
    .filter((key) => !(SECTIONS as string[]).includes(key))
    .map((key) => unknownKey([], key, SECTIONS));
  const sound: Record<string, unknown> = {};
  for (const section of SECTIONS) {
    const result = (EnvironmentSchema.shape[section] as z.ZodType).safeParse(values[section]);
    if (result.success) sound[section] = result.data;
    else issues.push(...result.error.issues.flatMap((issue) => settingIssues(section, issue, values[section])));
  }
  issues.push(...contradictions(sound));
  return issues.length === 0 ? { settings: sound as EnvironmentSettings, issues: [] } : { issues };
}

const DEFAULTS: EnvironmentSettings = EnvironmentSchema.parse({});

function settingIssues(section: Section, issue: z.core.$ZodIssue, value: unknown): SettingIssue[] {
  const inner = issue.path.map(String);
  const path = [section, ...inner];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => (section === "variables" ? unknownVariable(key) : unknownKey(path, key, keysOf(path))));
  }
  const got = at(value, inner);
  return [{ path, message: `${allowed(issue)}, got ${shown(got)}`, fix: advice(path, issue, got) }];
}

function allowed(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `must be ${oneOf(issue.values.map((value) => JSON.stringify(value)))}`;
  if (issue.code === "invalid_type" && !issue.message.startsWith("must")) return `must be ${TYPES[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_union" && !issue.message.startsWith("must"))
    return `must be ${oneOf([
      ...new Set(
        issue.errors
          .flat()
          .map(allowed)
          .map((text) => text.replace(/^must be /, "")),
      ),
    ])}`;
  return issue.message;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a table",
};

function advice(path: readonly string[], issue: z.core.$ZodIssue, got: unknown): string {
  if (issue.code === "invalid_value" && typeof got === "string") {
    const meant = nearest(got, issue.values.map(String));
    if (meant !== undefined) return `did you mean ${JSON.stringify(meant)}?`;
  }
  const standard = at(DEFAULTS, path);
  if (standard === undefined || isTable(standard)) return "correct it or remove the key";
  return `correct it or remove the key for the default ${shown(standard)}`;
}

function unknownKey(path: readonly string[], key: string, known: readonly string[]): SettingIssue {
  const meant = nearest(key, known);
  const keys = `known here: ${[...known].sort().join(", ")}`;
  const variable = Object.hasOwn(VARIABLES, key) ? `variables belong into [variables]; ` : "";
  return {
    path: [...path, key],
    message: `is not a known key`,
    fix: `${variable}${meant === undefined ? "remove it" : `did you mean ${meant}?`} (${keys})`,
  };
}

function unknownVariable(key: string): SettingIssue {
  const path = ["variables", key];
  const variable = VARIABLE_LIST.find(([name, record]) => name === key || (record.aliases ?? []).includes(key))?.[1];
  if (variable?.secret) {
    const secret = VARIABLE_LIST.find(([, record]) => record === variable)![0].toLowerCase();
    return {
      path,
      message: "is a secret and must not be in a file",
      fix: `remove it and run: codex-fleet secrets set ENVIRONMENT ${secret}`,
    };
  }
  if (variable?.field?.includes(".")) return { path, message: `is set by its own key`, fix: `write ${variable.field} instead` };
  if (variable !== undefined) return { path, message: "is set by the fleet itself", fix: "remove it" };
  const meant = nearest(
    key,
    VARIABLE_LIST.map(([name]) => name),
  );
  return {
    path,
    message: "is not a documented variable",
    fix: meant === undefined ? "remove it; docs/configuration.md lists all variables" : `did you mean ${meant}?`,
  };
}

function keysOf(path: readonly string[]): string[] {
  const schema = path.reduce<z.ZodType | undefined>((inner, key) => shapeOf(inner)?.[key], EnvironmentSchema);
  return Object.keys(shapeOf(schema) ?? {});
}

function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> | undefined {
  const definition = schema?._zod.def as { shape?: Record<string, z.ZodType>; innerType?: z.ZodType } | undefined;
  return definition?.shape ?? (definition?.innerType === undefined ? undefined : shapeOf(definition.innerType));
}

function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} or ${values.at(-1)!}`;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isTable(inner) ? inner[key] : Array.isArray(inner) ? inner[Number(key)] : undefined), value);
}
