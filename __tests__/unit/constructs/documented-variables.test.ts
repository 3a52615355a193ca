import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Environment } from "../../../constructs";
import type { EnvironmentInput } from "../../../constructs";
import { containerVariables } from "../../../constructs/environment-variables";
import { readConfiguration, VARIABLE_LIST, VARIABLES } from "../../../runtime/contract";
import type { Variable, VariableName, VariableReader } from "../../../runtime/contract";

/** Every documented variable can be set as documented, reaches its containers, and is read there. */

const root = path.join(__dirname, "../../..");

/** A value that is not the default. */
const SAMPLES: Partial<Record<VariableName, string>> = {
  FLEET_WORKER: "gemini",
  FLEET_ENGINE: "local",
  FLEET_WAIT_TIMEOUT: "45s",
  FLEET_API_LISTEN: "127.0.0.1:9999",
  LOG_LEVEL: "warn",
  POSTGRES_PORT: "6543",
  CELERY_BROKER_URL: "amqp://elsewhere:5672//",
  CODEX_VOLUME_PATH: "/codex",
  CODEX_AUTH: "api_key",
  CODEX_PROVIDER_URL: "https://provider.example/v1",
  GOOGLE_GEMINI_BASE_URL: "https://gemini.example",
  DEFAULT_EMBEDDING_PROVIDER: "none",
  SPEC_WORKFLOW_STAGE_TIMEOUT: "10m",
  SPEC_WORKFLOW_USE_SKILLS: "false",
  SPEC_WORKFLOW_SKILLS_SHADOW_MODE: "true",
  SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED: "false",
  SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: "7",
  SPEC_WORKFLOW_ALLOWED_SKILLS: "speckit,sample",
  SPEC_WORKFLOW_SKILLS_ROOT: "/skills",
  SPEC_WORKFLOW_TASKS_ROOT: "features",
  SPEC_WORKFLOW_WORKSPACE_ROOT: "/workspaces/fleet",
  SPEC_WORKFLOW_GITHUB_REPOSITORY: "owner/name",
  SPEC_WORKFLOW_GITHUB_API_URL: "https://github.example/api/v3",
  SPEC_WORKFLOW_METRICS_PORT: "9125",
  HTTP_PROXY: "http://proxy.example:3128",
  HTTPS_PROXY: "http://proxy.example:3129",
  NO_PROXY: "intern.example",
  SSL_CERT_FILE: "/certificates.pem",
  PROXY_CREDENTIALS: "user:sample",
};

function sample(name: VariableName, variable: Variable): string {
  return SAMPLES[name] ?? (variable.default?.startsWith("/") === true ? `${variable.default}-sample` : "sample");
}

const names = VARIABLE_LIST.flatMap(([name, variable]) => [name, ...(variable.aliases ?? [])].map((key) => [key, name, variable] as const));

test.each(names)("%s is read from the environment and from the file it names", (key, name, variable) => {
  const value = sample(name, variable);
  const expected = VARIABLES[name].schema.parse(value);
  const file = path.join(mkdtempSync(path.join(tmpdir(), "fleet-variable-")), "value");
  writeFileSync(file, `${value}\n`);
  expect(expected).not.toEqual(variable.default === undefined ? undefined : variable.schema.parse(variable.default));
  expect(readConfiguration([name], { [key]: value })[name]).toEqual(expected);
  expect(readConfiguration([name], { [`${key}_FILE`]: file })[name]).toEqual(expected);
});

const settable = names.filter(([, , { field, secret }]) => secret !== true && (field === undefined || field.includes(".")));

/** Variables that the constructs set themselves for their own broker, database and API. way-out.test.ts covers the proxy settings. */
const GIVEN = ["CELERY_BROKER_URL", "RABBITMQ_USER", "POSTGRES_HOST", "FLEET_API_LISTEN", "NO_PROXY", "SSL_CERT_FILE"];

test.each(settable.filter(([, name]) => !GIVEN.includes(name)))("%s arrives in its containers", (key, name, variable) => {
  const value = sample(name, variable);
  const { settings } = Environment.fromSettings(inputWith(variable.field ?? `variables.${key}`, value));
  const arrived = variable.readers.map((reader) => containerVariables(settings, reader, {})[name]);
  expect(arrived).toEqual(variable.readers.map(() => value));
});

const SHARED = ["runtime/contract", "runtime/queue", "runtime/store"];
const WORKER = [...SHARED, "runtime/preflight", "runtime/stages", "runtime/agents", "runtime/worker", "assets/worker/celery_app"];
const ROOMS: Readonly<Record<VariableReader, readonly string[]>> = { api: [...SHARED, "runtime/api"], codex: WORKER, gemini: WORKER };
const sources = new Map([...new Set(Object.values(ROOMS).flat())].map((room) => [room, sourceOf(room)]));

test.each(VARIABLE_LIST.flatMap(([name, { readers }]) => readers.map((reader) => [name, reader] as const)))(
  "%s is read by the programs of %s",
  (name, reader) => {
    const word = new RegExp(`\\b${name}\\b`);
    expect(ROOMS[reader].filter((room) => word.test(sources.get(room)!))).not.toEqual([]);
  },
);

/** Settings with one key, and the other keys it requires. */
function inputWith(field: string, value: string): EnvironmentInput {
  const [section, key] = field.split(".") as [string, string];
  const typed = section === "variables" ? value : typedLike(section, key, value);
  const beside: Record<string, Record<string, unknown>> = {
    embedding: { provider: "none" },
    ...(field === "codex.volume_path" ? { codex: { volume_imported: true } } : {}),
    ...(section === "skills" && typed === "sample" ? { skills: { allowed: ["speckit", "sample"] } } : {}),
  };
  return { ...beside, [section]: { ...beside[section], [key]: typed } };
}

/** Text of a variable as the value its key takes. */
function typedLike(section: string, key: string, value: string): unknown {
  if (section === "skills" && key === "allowed") return value.split(",");
  if (value === "true" || value === "false") return value === "true";
  return /^\d+$/.test(value) ? Number(value) : value;
}

function sourceOf(room: string): string {
  return readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|py)$/.test(file) && !file.endsWith("variables.ts"))
    .map((file) => readFileSync(path.join(root, room, file), "utf8"))
    .join("\n");
}
