import { VARIABLE_LIST } from "../runtime/contract";
import type { Variable, VariableName } from "../runtime/contract";
import { environmentJsonSchema } from "./environment-json-schema";
import { EnvironmentSchema } from "./environment-schema";
import { FREE_VARIABLES } from "./environment-variables";

/** The part of JSON Schema that this page uses. */
interface KeySchema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, KeySchema>>;
}

/** `docs/configuration.md`: every key of an environment file and every variable, from the schemas that check them. */
export function configurationPage(): string {
  const { properties = {} } = environmentJsonSchema() as KeySchema;
  return [
    INTRODUCTION,
    ...Object.entries(properties)
      .filter(([section]) => section !== "variables")
      .map(([section, schema]) => sectionText(section, schema)),
    FREE_TEXT,
    variableTable(FREE_VARIABLES),
    OWN_KEY_TEXT,
    variableTable(VARIABLE_LIST.filter(([, { field, secret }]) => field !== undefined && secret !== true)),
    SECRET_TEXT,
    variableTable(VARIABLE_LIST.filter(([, { secret }]) => secret === true)),
  ]
    .join("\n\n")
    .concat("\n");
}

const INTRODUCTION = `# Configuration

An environment is one file, \`environments/<name>.toml\`. A file \`<name>.local.toml\` beside it, which git ignores, overrides
it key by key with the settings of one machine. Synth reports all problems at once, each with file, line, key, value, what is
allowed and how to fix it, before it writes anything.

\`npm run docs\` generates this page from the schemas that check the files and the variables.

## Keys of an environment file`;

const FREE_TEXT = `## \`[variables]\`

Every other variable of the containers, under its own name. Values are text, numbers, \`true\` or \`false\`.`;

const OWN_KEY_TEXT = `## Variables with a key of their own

The key sets the variable, or the fleet itself does. In \`[variables]\` they are an error.`;

const SECRET_TEXT = `## Secrets

Secrets are never in a file of the project, in Terraform, in a container's environment or in an image.
\`codex-fleet secrets init\` creates the fleet's own, \`codex-fleet secrets set\` stores yours. Containers read them from
\`/run/secrets\`, with the name in lower case, or from the file that \`NAME_FILE\` names.`;

function sectionText(section: string, schema: KeySchema): string {
  const rows = keyRows([section], schema);
  const header = `### \`[${section}]\`\n\n${schema.description ?? ""}`;
  return rows.length === 0 ? header : `${header}\n\n${table(["key", "form", "default", "what for", "variable"], rows)}`;
}

function keyRows(path: readonly string[], schema: KeySchema): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const full = [...path, key];
    if (inner.properties !== undefined) return keyRows(full, inner);
    const variable = VARIABLE_LIST.find(([, { field }]) => field === full.join("."))?.[0];
    return [
      [
        code(full.slice(1).join(".")),
        form(inner),
        standard(full, inner),
        inner.description ?? "",
        variable === undefined ? "" : code(variable),
      ],
    ];
  });
}

/** The default of a key. The JSON Schema lacks it where a value may have several forms. */
function standard(path: readonly string[], schema: KeySchema): string {
  const value = schema.default ?? path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], DEFAULTS);
  return value === undefined ? "" : code(JSON.stringify(value));
}

const DEFAULTS = EnvironmentSchema.parse({});

function form({ enum: values, type, minimum, maximum }: KeySchema): string {
  if (values !== undefined) return values.map((value) => code(JSON.stringify(value))).join(", ");
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  return { string: "text", boolean: "true or false", array: "list", number: "number", integer: "whole number" }[type ?? ""] ?? "text";
}

function variableTable(variables: readonly (readonly [VariableName, Variable])[]): string {
  const rows = variables.map(([name, variable]) => [
    code(name),
    variable.default === undefined ? "" : code(variable.default),
    variable.readers.map((reader) => (reader === "api" ? "API" : `${reader} worker`)).join(", "),
    (variable.aliases ?? []).map(code).join(", "),
    variable.description,
  ]);
  return table(["variable", "default", "read by", "older names", "what for"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
