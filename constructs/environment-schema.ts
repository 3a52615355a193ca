import { isIP } from "node:net";
import { z } from "zod";
import { httpUrl, parseDuration, skillId, text, VARIABLES } from "../runtime/contract";
import { variablesSchema } from "./environment-variables";
import { isImageReference } from "./image-reference";
import { parseMemory } from "./memory";

/** A table that may be absent; then its keys have their defaults. */
function table<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  return z
    .strictObject(shape)
    .describe(description)
    .prefault({} as never);
}

function wholeNumber(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z.int(message).min(minimum, message).max(maximum, message);
}

/** Checks text with a function that throws an error when the text is not allowed. */
function checkedBy(check: (value: string) => void) {
  return z.string().superRefine((value, context) => {
    try {
      check(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  });
}

const absolutePath = z.string().regex(/^\/[^\s]+$/, "must be an absolute path without blanks");
const imageReference = z
  .string()
  .refine(
    isImageReference,
    "must be an image reference in lower case with an optional tag and sha256 digest, for example postgres:17 or registry.example:5000/postgres:17",
  );

const downloadAddress = httpUrl.refine(
  (url) => !url.includes("@"),
  "must not hold credentials, which plan and image build would show: give the mirror another way to identify this machine",
);
const proxyAddress = checkedBy((value) => {
  const url = /^https?:\/\/[^\s/]/.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  if (/^https?:\/\/[^\s]*@/.test(value)) {
    throw new Error(
      "must not hold credentials, which plan and state would show: leave them out, set network.proxy_credentials = true and run codex-fleet secrets set ENVIRONMENT proxy_credentials",
    );
  }
  // Programs have different default ports for a proxy.
  if (url === undefined || !/:\d+\/?$/.test(value))
    throw new Error('must be the address of a proxy with its port, such as "http://proxy.example:3128"');
});
const proxyExceptions = checkedBy((value) => {
  const hosts = value.split(/[\s,]+/).filter((host) => host !== "");
  const wrong = hosts.find((host) => host.includes("*") || host.includes("://"));
  if (hosts.length > 0 && wrong === undefined) return;
  throw new Error(
    'must name hosts, domains such as ".corp.example" or addresses, separated by commas, without "*" and "http://", which some programs do not understand',
  );
});
const debianPackage = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.+-]+(?::[a-z0-9]+)?(?:=[\w.+:~-]+)?$/, "must be the name of a Debian package, such as make");

const memory = checkedBy((value) => {
  if (parseMemory(value) < 64) throw new Error('must be at least "64MiB"');
});

const cpus = z
  .number("must be a number from 0.1 to 64")
  .min(0.1, "must be a number from 0.1 to 64")
  .max(64, "must be a number from 0.1 to 64");

const stageTimeout = checkedBy((value) => {
  const milliseconds = parseDuration(value);
  if (milliseconds < 10_000 || milliseconds > 86_400_000) throw new Error('must be from "10s" to "24h"');
});

const listenAddress = checkedBy((value) => {
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value) ?? [];
  const isAddress = v6 === undefined ? isIP(v4 ?? "") === 4 : isIP(v6) === 6;
  const port = Number(digits);
  if (!isAddress || port < 1_024 || port > 65_535) {
    throw new Error('must be an IP address and a port from 1024 to 65535, for example "127.0.0.1:8080"');
  }
});

const limits = (defaultMemory: string, defaultCpus: number) => ({
  memory: memory.default(defaultMemory).describe("Memory limit of a container; there is no swap beyond it."),
  cpus: cpus.default(defaultCpus).describe("Processors a container may use."),
});

const worker = (description: string, replicas: number) =>
  table(description, {
    replicas: wholeNumber(0, 1_000).default(replicas).describe("Containers of this kind."),
    ...limits("2GiB", 1),
  });

/**
 * Everything that may differ between environments, as a TOML file holds it. Every key has a default or is optional,
 * except `embedding.credential`, which embeddings by Google need. Keys that set variables of the containers take
 * description, form and default from the contract.
 */
export const EnvironmentSchema = z.strictObject({
  engine: table("The Docker engine of this environment.", {
    host: z
      .string()
      .regex(/^(unix|tcp|ssh|npipe):\/\/\S+$/, "must be an engine address such as ssh://user@host or unix:///var/run/docker.sock")
      .optional()
      .describe("Address of the engine. Without it: the engine of the machine that deploys."),
  }),
  images: table("Images the fleet is built on.", {
    base: imageReference.default("node:24-trixie-slim").describe("Debian with Node 20 or later; the worker image is built on it."),
    rabbitmq: imageReference.default("rabbitmq:4.1").describe("RabbitMQ, laid out like the official image."),
    postgres: imageReference.default("postgres:17").describe("PostgreSQL, laid out like the official image."),
    worker: imageReference
      .optional()
      .describe('Worker image that was built and pushed before ("codex-fleet image push"): pulled, not built.'),
    runtime: imageReference.optional().describe("The API's image that was built and pushed before: pulled, not built."),
    broker: imageReference
      .optional()
      .describe("The broker's image that was built and pushed before: pulled, not built. It holds stages.timeout and broker.memory."),
  }),
  registries: table("Registries that require a login.", {
    login: z
      .array(z.string().regex(/^[a-z0-9.-]+(?::\d+)?$/, "must be a registry's host, such as registry.example or registry.example:5000"))
      .default([])
      .describe('Hosts of registries that need a login; run "docker login HOST" first.'),
    config_file: z
      .string()
      .regex(/^(?:~\/|\/)\S+$/, 'must be an absolute path or begin with "~/"')
      .default("~/.docker/config.json")
      .describe("File docker login wrote to. Where DOCKER_CONFIG is set: config.json in that directory."),
  }),
  network: table(
    "Outbound network access of running workers: proxies and certificate authorities. Builds use them too, unless [build] sets others.",
    {
      http_proxy: proxyAddress.optional().describe("Proxy for http:// addresses, without credentials."),
      https_proxy: proxyAddress.optional().describe("Proxy for https:// addresses, without credentials."),
      no_proxy: proxyExceptions
        .optional()
        .describe("Hosts reached without a proxy, separated by commas. The fleet's own services are always included."),
      proxy_credentials: z
        .boolean()
        .default(false)
        .describe(
          "The proxies require user and password, the secret proxy_credentials. up deploys only when it is stored; builds cannot use it.",
        ),
      ca_bundle: text
        .optional()
        .describe(
          "PEM file with certificate authorities to trust besides the public ones, relative to the environment file; plan and containers contain its text.",
        ),
    },
  ),
  build: table("How images are built, and what the worker image holds beyond the package's own.", {
    network: z.enum(["default", "host", "none"]).default("default").describe("Network of build steps."),
    ca_bundle: absolutePath
      .optional()
      .describe(
        "File with extra certificate authorities for downloads during a build; never part of an image. Without it: network.ca_bundle.",
      ),
    debian_mirror: downloadAddress.optional().describe("Mirror Debian packages come from. Without it: the base image's."),
    npm_registry: downloadAddress.optional().describe("Registry Codex and Gemini come from. Without it: npm's default."),
    pip_index_url: downloadAddress.optional().describe("Index Celery and Spec Kit come from. Without it: pip's default."),
    http_proxy: downloadAddress.optional().describe("Proxy for http:// downloads during a build. Without it: network.http_proxy."),
    https_proxy: downloadAddress.optional().describe("Proxy for https:// downloads during a build. Without it: network.https_proxy."),
    no_proxy: text.optional().describe("Hosts a build reaches without a proxy, separated by commas. Without it: network.no_proxy."),
    packages: z.array(debianPackage).default([]).describe("Debian packages added to the worker image."),
    dockerfile: text
      .optional()
      .describe("File with Dockerfile instructions (no FROM) that extend the worker image, relative to the environment file."),
    pins: text
      .optional()
      .describe('Directory with tool manifests and lockfiles of your own, relative to the environment file; see "codex-fleet pins eject".'),
  }),
  codex: table("Codex workers.", {
    volume_name: VARIABLES.CODEX_VOLUME_NAME.schema
      .default(VARIABLES.CODEX_VOLUME_NAME.default)
      .describe(VARIABLES.CODEX_VOLUME_NAME.description),
    volume_path: VARIABLES.CODEX_VOLUME_PATH.schema
      .default(VARIABLES.CODEX_VOLUME_PATH.default)
      .describe(VARIABLES.CODEX_VOLUME_PATH.description),
    volume_imported: z
      .boolean()
      .default(false)
      .describe("The volume belongs to someone else: it is used by name and never created or destroyed."),
    auth: VARIABLES.CODEX_AUTH.schema.default(VARIABLES.CODEX_AUTH.default).describe(VARIABLES.CODEX_AUTH.description),
    model: text.optional().describe(VARIABLES.CODEX_MODEL.description),
    provider_url: httpUrl.optional().describe(VARIABLES.CODEX_PROVIDER_URL.description),
  }),
  gemini: table("Gemini workers.", {
    model: text.optional().describe(VARIABLES.GEMINI_MODEL.description),
    base_url: httpUrl.optional().describe(VARIABLES.GOOGLE_GEMINI_BASE_URL.description),
  }),
  embedding: table("Embeddings.", {
    provider: VARIABLES.DEFAULT_EMBEDDING_PROVIDER.schema
      .default(VARIABLES.DEFAULT_EMBEDDING_PROVIDER.default)
      .describe(VARIABLES.DEFAULT_EMBEDDING_PROVIDER.description),
    credential: z
      .enum(["google_api_key", "gemini_api_key"])
      .optional()
      .describe("The secret that holds Google's key. Required with provider google; up deploys only when it is stored."),
  }),
  workers: table("Size of the worker groups.", {
    codex: worker("Containers that consume the queues of discover, publish and Codex.", 2),
    gemini: worker("Containers that consume the queue of Gemini.", 1),
  }),
  stages: table("Stages of a run.", {
    timeout: stageTimeout
      .default(VARIABLES.SPEC_WORKFLOW_STAGE_TIMEOUT.default)
      .describe(VARIABLES.SPEC_WORKFLOW_STAGE_TIMEOUT.description),
  }),
  skills: table("Which skills carry out the stages.", {
    enabled: z.boolean().default(true).describe(VARIABLES.SPEC_WORKFLOW_USE_SKILLS.description),
    default: skillId.default(VARIABLES.SPEC_WORKFLOW_DEFAULT_SKILL.default).describe(VARIABLES.SPEC_WORKFLOW_DEFAULT_SKILL.description),
    discover: skillId.optional().describe(VARIABLES.SPEC_WORKFLOW_DISCOVER_SKILL.description),
    submit: skillId.optional().describe(VARIABLES.SPEC_WORKFLOW_SUBMIT_SKILL.description),
    publish: skillId.optional().describe(VARIABLES.SPEC_WORKFLOW_PUBLISH_SKILL.description),
    allowed: z.array(skillId).min(1, "must name at least one skill").default(["speckit"]).describe("Skills a run may use."),
    fallback: z.boolean().default(true).describe(VARIABLES.SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED.description),
    canary_percent: wholeNumber(0, 100).default(100).describe(VARIABLES.SPEC_WORKFLOW_SKILLS_CANARY_PERCENT.description),
    shadow: z.boolean().default(false).describe(VARIABLES.SPEC_WORKFLOW_SKILLS_SHADOW_MODE.description),
  }),
  api: table("The API.", {
    listen: listenAddress.default("127.0.0.1:8080").describe("Address and port of the host the API is published on."),
    ...limits("512MiB", 0.5),
  }),
  broker: table("RabbitMQ: the fleet's own, or an existing one.", {
    url: VARIABLES.CELERY_BROKER_URL.schema
      .optional()
      .describe("Address of an existing broker, without credentials; the fleet then has none of its own."),
    user: text.optional().describe("User on an existing broker. The fleet's own has the users api and worker."),
    ...limits("1GiB", 1),
  }),
  database: table("PostgreSQL: the fleet's own, or an existing one.", {
    host: text.optional().describe("Host of an existing database; the fleet then has none of its own."),
    port: wholeNumber(1, 65_535).default(Number(VARIABLES.POSTGRES_PORT.default)).describe(VARIABLES.POSTGRES_PORT.description),
    user: text.default(VARIABLES.POSTGRES_USER.default).describe(VARIABLES.POSTGRES_USER.description),
    name: text.default(VARIABLES.POSTGRES_DB.default).describe(VARIABLES.POSTGRES_DB.description),
    ...limits("1GiB", 1),
  }),
  github: table("Where repositories are.", {
    api_url: VARIABLES.SPEC_WORKFLOW_GITHUB_API_URL.schema
      .default(VARIABLES.SPEC_WORKFLOW_GITHUB_API_URL.default)
      .describe(VARIABLES.SPEC_WORKFLOW_GITHUB_API_URL.description),
    git_url: text.default(VARIABLES.SPEC_WORKFLOW_GITHUB_GIT_URL.default).describe(VARIABLES.SPEC_WORKFLOW_GITHUB_GIT_URL.description),
  }),
  secrets: table("Secrets themselves live in Docker volumes, never here.", {
    revision: wholeNumber(1, 1_000_000).default(1).describe("Raised by a rotation; raising it replaces the containers that read secrets."),
  }),
  data: table("Volumes of the data stack.", {
    protect: z.boolean().default(true).describe("Whether Terraform refuses to destroy volumes with logins and databases."),
  }),
  demo: table("The demonstration.", {
    scripted_services: z.boolean().default(false).describe("Adds a scripted model server and a scripted GitHub."),
    github_listen: listenAddress.default("127.0.0.1:8081").describe("Address and port of the host the scripted GitHub is published on."),
  }),
  backend: z
    .looseObject({
      type: z
        .string()
        .regex(/^[a-z][a-z0-9]*$/, "must be the name of a Terraform backend")
        .default("local"),
    })
    .describe("Terraform backend; every other key is the backend's own, {stack} stands for the stack's name.")
    .prefault({}),
  variables: variablesSchema().describe("Any other documented variable under its own name.").prefault({}),
});

/** Settings of an environment as a user writes them; everything is optional. */
export type EnvironmentInput = z.input<typeof EnvironmentSchema>;

/** Settings of an environment, complete and checked. */
export type EnvironmentSettings = z.output<typeof EnvironmentSchema>;
