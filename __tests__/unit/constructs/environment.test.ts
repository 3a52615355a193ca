import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Environment, EnvironmentError } from "../../../constructs";
import type { EnvironmentProblem } from "../../../constructs";

function directoryWith(files: Readonly<Record<string, string | Buffer>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), "fleet-environment-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  return directory;
}

const CREDENTIAL = "\n[embedding]\ncredential = 'google_api_key'\n";

/** Problems of a file `dev.toml`, with a shortened path; an overlay sets the keys that every file needs. */
function problemsOf(text: string | Buffer, local = CREDENTIAL): EnvironmentProblem[] {
  const directory = directoryWith({ "dev.toml": text, "dev.local.toml": local });
  try {
    Environment.fromFile(path.join(directory, "dev.toml"));
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems.map((problem) => ({ ...problem, ...(problem.file === undefined ? {} : { file: path.basename(problem.file) }) }));
  }
  return [];
}

const inDev = (line: number, key: string, message: string, fix: string): EnvironmentProblem => ({
  file: "dev.toml",
  line,
  key,
  message,
  fix,
});

describe("a file", () => {
  test("needs one key: everything else has a default", () => {
    const directory = directoryWith({ "dev.toml": CREDENTIAL });
    expect(Environment.fromFile(path.join(directory, "dev.toml")).settings).toEqual({
      engine: {},
      images: { base: "node:24-trixie-slim", rabbitmq: "rabbitmq:4.1", postgres: "postgres:17" },
      registries: { login: [], config_file: "~/.docker/config.json" },
      network: { proxy_credentials: false },
      build: { network: "default", packages: [] },
      codex: { volume_name: "codex_auth_volume", volume_path: "/home/app/.codex", volume_imported: false, auth: "chatgpt" },
      gemini: {},
      embedding: { provider: "google", credential: "google_api_key" },
      workers: {
        codex: { replicas: 2, memory: "2GiB", cpus: 1 },
        gemini: { replicas: 1, memory: "2GiB", cpus: 1 },
      },
      stages: { timeout: "30m" },
      skills: { enabled: true, default: "speckit", allowed: ["speckit"], fallback: true, canary_percent: 100, shadow: false },
      api: { listen: "127.0.0.1:8080", memory: "512MiB", cpus: 0.5 },
      broker: { memory: "1GiB", cpus: 1 },
      database: { port: 5432, user: "fleet", name: "fleet", memory: "1GiB", cpus: 1 },
      github: { api_url: "https://api.github.com", git_url: "https://github.com" },
      secrets: { revision: 1 },
      data: { protect: true },
      demo: { scripted_services: false, github_listen: "127.0.0.1:8081" },
      backend: { type: "local" },
      variables: {},
    });
  });

  test("reads every kind of value", () => {
    const directory = directoryWith({
      "dev.toml":
        '[workers]\ncodex = { replicas = 3, cpus = 1.5 }\n[skills]\nallowed = ["speckit", "mine"]\nsubmit = "mine"\n[variables]\nSPEC_WORKFLOW_METRICS_PORT = 9125\n[backend]\ntype = "s3"\nkey = "fleet/{stack}"\n' +
        CREDENTIAL,
    });
    const { workers, skills, variables, backend } = Environment.fromFile(path.join(directory, "dev.toml")).settings;
    expect({ codex: workers.codex, submit: skills.submit, variables, backend }).toEqual({
      codex: { replicas: 3, memory: "2GiB", cpus: 1.5 },
      submit: "mine",
      variables: { SPEC_WORKFLOW_METRICS_PORT: "9125" },
      backend: { type: "s3", key: "fleet/{stack}" },
    });
  });
});

const CODEX_KEYS = "auth, model, provider_url, volume_imported, volume_name, volume_path";

test.each<[what: string, text: string, problem: EnvironmentProblem]>([
  [
    "an unknown key near a known one",
    "[codex]\n\nvolume_nam = 'x'\n",
    inDev(3, "codex.volume_nam", "is not a known key", `did you mean volume_name? (known here: ${CODEX_KEYS})`),
  ],
  [
    "an unknown key",
    "[codex]\nfoo_bar_baz = 1\n",
    inDev(2, "codex.foo_bar_baz", "is not a known key", `remove it (known here: ${CODEX_KEYS})`),
  ],
  [
    "an unknown key of an inline table",
    "[workers]\ngemini = { replica = 1 }\n",
    inDev(2, "workers.gemini.replica", "is not a known key", "did you mean replicas? (known here: cpus, memory, replicas)"),
  ],
  [
    "an unknown value near a known one",
    '[codex]\nauth = "chatgtp"\n',
    inDev(2, "codex.auth", 'must be "chatgpt", "api_key" or "none", got "chatgtp"', 'did you mean "chatgpt"?'),
  ],
  [
    "an unknown value",
    '[codex]\nauth = "browser-login"\n',
    inDev(
      2,
      "codex.auth",
      'must be "chatgpt", "api_key" or "none", got "browser-login"',
      'correct it or remove the key for the default "chatgpt"',
    ),
  ],
  [
    "a wrong type",
    "[codex]\nvolume_name = 7\n",
    inDev(2, "codex.volume_name", "must be text, got 7", 'correct it or remove the key for the default "codex_auth_volume"'),
  ],
  [
    "a wrong type of a flag",
    '[skills]\nshadow = "yes"\n',
    inDev(2, "skills.shadow", 'must be true or false, got "yes"', "correct it or remove the key for the default false"),
  ],
  ["a value instead of a table", "codex = 1\n", inDev(1, "codex", "must be a table, got 1", "correct it or remove the key")],
  [
    "a number out of range",
    "[workers.codex]\nreplicas = 5000\n",
    inDev(2, "workers.codex.replicas", "must be a whole number from 0 to 1000, got 5000", "correct it or remove the key for the default 2"),
  ],
  [
    "a fraction of a container",
    "[workers.codex]\nreplicas = 1.5\n",
    inDev(2, "workers.codex.replicas", "must be a whole number from 0 to 1000, got 1.5", "correct it or remove the key for the default 2"),
  ],
  [
    "memory without a unit",
    '[api]\nmemory = "512"\n',
    inDev(
      2,
      "api.memory",
      'must be whole MiB or GiB, for example "512MiB" or "2GiB", got "512"',
      'correct it or remove the key for the default "512MiB"',
    ),
  ],
  [
    "too little memory",
    '[api]\nmemory = "8MiB"\n',
    inDev(2, "api.memory", 'must be at least "64MiB", got "8MiB"', 'correct it or remove the key for the default "512MiB"'),
  ],
  [
    "too long a stage",
    '[stages]\ntimeout = "48h"\n',
    inDev(2, "stages.timeout", 'must be from "10s" to "24h", got "48h"', 'correct it or remove the key for the default "30m"'),
  ],
  [
    "a privileged port",
    '[api]\nlisten = "0.0.0.0:80"\n',
    inDev(
      2,
      "api.listen",
      'must be an IP address and a port from 1024 to 65535, for example "127.0.0.1:8080", got "0.0.0.0:80"',
      'correct it or remove the key for the default "127.0.0.1:8080"',
    ),
  ],
  [
    "credentials in the broker's address",
    '[broker]\nurl = "amqp://u:p@host//"\n',
    inDev(
      2,
      "broker.url",
      'must be amqp://host:port/vhost without user and password, got "amqp://***@host//"',
      "correct it or remove the key",
    ),
  ],
  [
    "a skill outside the allowlist",
    '[skills]\nallowed = ["speckit", "mine"]\npublish = "other"\n',
    inDev(
      3,
      "skills.publish",
      'must be one of skills.allowed (speckit, mine), got "other"',
      "add it to skills.allowed or choose an allowed one",
    ),
  ],
  [
    "no login without a provider",
    '[codex]\nauth = "none"\n',
    inDev(
      2,
      "codex.auth",
      'must not be "none" without codex.provider_url: OpenAI accepts no anonymous calls',
      'set codex.provider_url, or auth to "chatgpt" or "api_key"',
    ),
  ],
  [
    "a new login volume at a path the image does not own",
    '[codex]\nvolume_path = "/home/app/login"\n',
    inDev(
      2,
      "codex.volume_path",
      'must be "/home/app/.codex", which the image owns, so that a new volume belongs to the worker, got "/home/app/login"',
      "remove the key, or set volume_imported = true for an existing volume whose root directory belongs to uid 1000",
    ),
  ],
  [
    "an unknown variable",
    "[variables]\nLOG_LEVL = 'info'\n",
    inDev(2, "variables.LOG_LEVL", "is not a documented variable", "did you mean LOG_LEVEL?"),
  ],
  [
    "a variable with a key of its own",
    "[variables]\nCODEX_VOLUME_NAME = 'x'\n",
    inDev(2, "variables.CODEX_VOLUME_NAME", "is set by its own key", "write codex.volume_name instead"),
  ],
  [
    "a variable of the fleet itself",
    "[variables]\nFLEET_WORKER = 'codex'\n",
    inDev(2, "variables.FLEET_WORKER", "is set by the fleet itself", "remove it"),
  ],
  [
    "a secret",
    "[variables]\nGITHUB_TOKEN = 'x'\n",
    inDev(
      2,
      "variables.GITHUB_TOKEN",
      "is a secret and must not be in a file",
      "remove it and run: codex-fleet secrets set ENVIRONMENT github_token",
    ),
  ],
  [
    "a variable's value",
    "[variables]\nLOG_LEVEL = 'loud'\n",
    inDev(2, "variables.LOG_LEVEL", 'must be debug, info, warn or error, got "loud"', "correct it or remove the key"),
  ],
  [
    "a variable given twice under two names",
    "[variables]\nSPEC_WORKFLOW_METRICS_HOST = 'a'\nSTATSD_HOST = 'b'\n",
    inDev(3, "variables.STATSD_HOST", "means the same as SPEC_WORKFLOW_METRICS_HOST", "keep SPEC_WORKFLOW_METRICS_HOST alone"),
  ],
  [
    "workspaces beside their volume",
    "[variables]\nSPEC_WORKFLOW_WORKSPACE_ROOT = '/data'\n",
    inDev(
      2,
      "variables.SPEC_WORKFLOW_WORKSPACE_ROOT",
      'must be /workspaces or below it, where the volume is mounted, got "/data"',
      "correct it or remove the key",
    ),
  ],
  [
    "one state for two stacks",
    '[backend]\ntype = "s3"\nkey = "fleet"\n',
    inDev(
      1,
      "backend",
      "must contain {stack} in a value: the data stack and the fleet would write the same state",
      'name the state by it, for example key = "codex-fleet/{stack}.tfstate"',
    ),
  ],
  [
    "a credential of the backend",
    '[backend]\ntype = "s3"\nkey = "{stack}"\nsecret_key = "x"\n',
    inDev(
      4,
      "backend.secret_key",
      "is a secret and must not be in a file",
      "remove it and give it to Terraform by the backend's own environment variable",
    ),
  ],
])("refuses %s", (_, text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

test.each<[what: string, text: string | Buffer, line: number, reason: string, frame: string]>([
  ["a value without quotes", "[codex]\nauth = chatgpt\n", 2, "invalid value", "1:  [codex]\n2:  auth = chatgpt\n           ^"],
  [
    "a key that is defined twice",
    "[codex]\nauth = 'none'\nauth = 'chatgpt'\n",
    3,
    "the key or table is defined twice (trying to redefine an already defined table or value)",
    "2:  auth = 'none'\n3:  auth = 'chatgpt'\n    ^",
  ],
  [
    "a table that is defined twice",
    "[api]\n\n[api]\n",
    3,
    "the key or table is defined twice (trying to redefine an already defined table or value)",
    "3:  [api]\n     ^",
  ],
  [
    "a file that is not UTF-8",
    Buffer.from("# umgebung\n[codex]\nmodel = 'größe'\n", "latin1"),
    3,
    "it is not encoded in UTF-8 (save it as UTF-8)",
    "3:  model = 'gr\uFFFD\uFFFDe'",
  ],
])("refuses %s with line and code frame", (_, text, line, reason, frame) => {
  expect(problemsOf(text)).toEqual([
    {
      file: "dev.toml",
      line,
      key: "",
      message: `is not valid TOML: ${reason}`,
      fix: `correct this line\n${frame.replace(/^/gm, "    ")}`,
    },
  ]);
});

test("refuses embeddings by Google without a credential", () => {
  expect(problemsOf("[embedding]\nprovider = 'google'\n", "")).toEqual([
    inDev(
      1,
      "embedding.credential",
      'must be "google_api_key" or "gemini_api_key", got nothing: embeddings by Google need a key',
      'name the secret that holds it, or set provider = "none" in [embedding]',
    ),
  ]);
  expect(problemsOf("[embedding]\nprovider = 'none'\n", "")).toEqual([]);
});

test.each([
  "postgres",
  "postgres:17",
  "library/postgres:17.2-bookworm",
  "localhost/postgres",
  "registry.example:5000/team/postgres_17:v1",
  `postgres:17@sha256:${"a".repeat(64)}`,
])("accepts the image %s", (reference) => {
  expect(problemsOf(`[images]\npostgres = '${reference}'\n`)).toEqual([]);
});

test.each([
  "",
  "Postgres:17",
  "postgres:",
  "postgres:17:18",
  "postgres@sha256:abc",
  "post gres",
  "/postgres",
  "a//b",
  "https://registry/x",
])("refuses the image %j", (reference) => {
  expect(problemsOf(`[images]\npostgres = '${reference}'\n`)).toEqual([
    inDev(
      2,
      "images.postgres",
      `must be an image reference in lower case with an optional tag and sha256 digest, for example postgres:17 or registry.example:5000/postgres:17, got ${JSON.stringify(reference)}`,
      'correct it or remove the key for the default "postgres:17"',
    ),
  ]);
});

test.each(["127.0.0.1:8080", "0.0.0.0:65535", "[::1]:1024"])("accepts the address %s", (listen) => {
  expect(problemsOf(`[api]\nlisten = '${listen}'\n`)).toEqual([]);
});

test.each([
  "8080",
  "localhost:8080",
  "300.0.0.1:8080",
  "127.0.0.1",
  "127.0.0.1:",
  "127.0.0.1:0",
  "127.0.0.1:65536",
  "::1:8080",
  "[1]:8080",
])("refuses the address %j", (listen) => {
  expect(problemsOf(`[api]\nlisten = '${listen}'\n`)).toEqual([
    inDev(
      2,
      "api.listen",
      `must be an IP address and a port from 1024 to 65535, for example "127.0.0.1:8080", got "${listen}"`,
      'correct it or remove the key for the default "127.0.0.1:8080"',
    ),
  ]);
});

test.each(["/codex", "/home/app/login", "/mnt/login"])("mounts a volume of someone else at %s", (volume_path) => {
  expect(problemsOf(`[codex]\nvolume_path = '${volume_path}'\nvolume_imported = true\n`)).toEqual([]);
});

test.each(["/home", "/home/app", "/workspaces/login", "/run/secrets", "/etc", "/tmp/login", "/codex/", "/a/../b", "//"])(
  "refuses to mount it at %s, which the image uses",
  (volume_path) => {
    expect(problemsOf(`[codex]\nvolume_path = '${volume_path}'\nvolume_imported = true\n`)).toEqual([
      inDev(
        2,
        "codex.volume_path",
        `must be a plain path that the image does not use itself (not /workspaces, /bin, /dev, /etc, /lib, /opt/fleet, /proc, /run, /sbin, /sys, /tmp, /usr or /home/app), got "${volume_path}"`,
        "choose another, for example /codex, or remove the key",
      ),
    ]);
  },
);

test("names every problem of both files in one go, each where it stands", () => {
  const problems = problemsOf(
    "[codex]\nauth = 1\ncolour = 2\n[api]\nlisten = 'x'\n",
    "\n[codex]\nauth = 'no'\n[embedding]\nprovider = 'none'\n",
  );
  expect(problems.map(({ file, line, key }) => [file, line, key])).toEqual([
    ["dev.local.toml", 3, "codex.auth"],
    ["dev.toml", 3, "codex.colour"],
    ["dev.toml", 5, "api.listen"],
  ]);
});

test("a local file goes over a file, key by key", () => {
  const directory = directoryWith({
    "dev.toml": "[images]\nbase = 'node:24-trixie-slim'\npostgres = 'postgres:16'\n",
    "dev.local.toml": `[images]\nbase = 'codex-fleet/base:trixie'\n[build]\nnetwork = 'host'\n${CREDENTIAL}`,
  });
  const { images, build } = Environment.fromFile(path.join(directory, "dev.toml")).settings;
  expect({ images, build }).toEqual({
    images: { base: "codex-fleet/base:trixie", rabbitmq: "rabbitmq:4.1", postgres: "postgres:16" },
    build: { network: "host", packages: [] },
  });
});

test("the error is readable as it is", () => {
  const problems = [
    { file: "environments/dev.toml", line: 2, key: "codex.auth", message: 'must be "a" or "b", got "c"', fix: "correct it" },
  ];
  expect(new EnvironmentError(problems).message).toBe(
    '1 problem in the environment, nothing was written\n  environments/dev.toml:2: codex.auth must be "a" or "b", got "c"; correct it',
  );
});

test("settings in code have the same keys and the same errors, without a place", () => {
  expect(() => Environment.fromSettings({ codex: { auth: "chatgtp" as "chatgpt" } })).toThrow(
    'codex.auth must be "chatgpt", "api_key" or "none", got "chatgtp"; did you mean "chatgpt"?',
  );
});

describe("a directory", () => {
  const directory = directoryWith({
    "dev.toml": CREDENTIAL,
    "prod.toml": `${CREDENTIAL}[api]\nlisten = '127.0.0.1:8090'\n[codex]\nvolume_name = 'prod_login'\n`,
    "dev.local.toml": "",
    "environment.schema.json": "{}",
  });

  test("has an environment for each file, local files aside", () => {
    expect([...Environment.fromDirectory(directory).keys()]).toEqual(["dev", "prod"]);
    expect([...Environment.fromDirectory(directory, ["prod"]).keys()]).toEqual(["prod"]);
  });

  test("fails for a name without a file, naming those that are", () => {
    expect(() => Environment.fromDirectory(directory, ["live"])).toThrow(
      `there is no environment "live" in ${directory}; there are: dev, prod`,
    );
  });

  test("fails for what two environments would both own, with place", () => {
    const both = directoryWith({ "a.toml": CREDENTIAL, "b.toml": `[api]\nlisten = '0.0.0.0:8080'\n${CREDENTIAL}`, "C.toml": CREDENTIAL });
    expect(() => Environment.fromDirectory(both)).toThrow(
      new EnvironmentError([
        {
          file: path.join(both, "C.toml"),
          line: 1,
          key: "",
          message: 'environment name must be 1 to 32 lower-case letters, digits and inner dashes, got "C"',
          fix: "rename the file or the stack",
        },
        {
          file: path.join(both, "b.toml"),
          line: 1,
          key: "codex.volume_name",
          message: 'names the volume "codex_auth_volume", which environment a owns as well as b',
          fix: "give one of them another name, or set codex.volume_imported = true where it is only used",
        },
        {
          file: path.join(both, "b.toml"),
          line: 2,
          key: "api.listen",
          message: "makes b publish 0.0.0.0:8080, where environment a publishes 127.0.0.1:8080",
          fix: "choose another port in one of them, or set engine.host when they run on different engines",
        },
      ]),
    );
  });

  test("fails with the problems of all files", () => {
    const broken = directoryWith({ "a.toml": `x = 1\n${CREDENTIAL}`, "b.toml": `y = 1\n${CREDENTIAL}` });
    expect(() => Environment.fromDirectory(broken)).toThrow(
      /^2 problems[^]*a\.toml:1: x is not a known key[^]*b\.toml:1: y is not a known key/,
    );
  });
});

test("the package's own environments are sound", () => {
  const directory = path.join(__dirname, "../../../environments");
  const files = readdirSync(directory).filter((file) => file.endsWith(".toml") && !file.endsWith(".local.toml"));
  expect([...Environment.fromDirectory(directory).keys()].map((name) => `${name}.toml`)).toEqual(files.sort());
});
