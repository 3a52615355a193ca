import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { Client } from "pg";
import type { Agent, ApiError, Run } from "../../runtime/contract";
import { makeSampleRepository } from "../../runtime/demo/sample-repository";
import { startScriptedGithub } from "../../runtime/demo/scripted-github";
import type { ScriptedGithub } from "../../runtime/demo/scripted-github";
import { startScriptedModel } from "../../runtime/demo/scripted-model";
import type { ScriptedModel, ScriptedModelOptions } from "../../runtime/demo/scripted-model";
import { startCelery, startProgram, untilConsuming } from "./celery-process";
import type { CeleryProcess } from "./celery-process";
import { eventually } from "./eventually";
import { freePort } from "./free-port";
import { startPostgres } from "./postgres";
import type { PostgresServer } from "./postgres";
import { startRabbitmq } from "./rabbitmq";
import type { RabbitmqServer } from "./rabbitmq";
import { installTools } from "./tools";

const ROOT = join(__dirname, "..", "..");
const WORKER_ASSETS = join(ROOT, "assets", "worker");
const API_TOKEN = "fleet-test-token";

/** Token that the scripted GitHub requires, so that clone and push fail without the credential helper. */
export const GITHUB_TOKEN = "fleet-test-github";

/** The whole fleet as processes on the loopback interface: the programs of the images, without the images. */
export interface FleetProcesses {
  readonly directory: string;
  readonly postgres: PostgresServer;
  readonly rabbitmq: RabbitmqServer;
  readonly github: ScriptedGithub;
  readonly model: ScriptedModel;
  /** CODEX_HOME of the workers. */
  readonly codexHome: string;
  /** First directory on the workers' PATH. */
  readonly toolsPath: string;
  /** Variables of the workers; `celery` starts with them. */
  readonly workerEnvironment: Readonly<Record<string, string>>;
  readonly stageProgram: string;
  /** Creates a copy of the sample repository under another name. */
  makeRepository(name: string): Promise<void>;
  celery(queue: string, variables?: Readonly<Record<string, string>>): Promise<CeleryProcess>;
  /** Calls the API as an operator. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  startRun(body: {
    repository: string;
    featureKey?: string;
    agent?: Agent;
    skillOverrides?: Record<string, string>;
    notes?: string;
  }): Promise<Run>;
  /** Waits until a run has succeeded or failed. */
  finished(runId: string): Promise<Run>;
  query<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Everything the processes wrote, for a failing test. */
  logs(): string;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly script?: ScriptedModelOptions["script"];
  /** Skills beside `speckit`: files by path below the skills' directory; all of them are allowed. */
  readonly skills?: Readonly<Record<string, string>>;
}

export async function startFleet(options: FleetOptions = {}): Promise<FleetProcesses> {
  const tools = await installTools();
  const directory = mkdtempSync(join(tmpdir(), "fleet-way-"));
  for (const name of ["programs", "home", "tmp", "codex", "workspaces", "state"]) mkdirSync(join(directory, name));
  const programs = bundlePrograms(join(directory, "programs"));
  // As the image's template seeds it.
  cpSync(join(WORKER_ASSETS, "etc", "codex", "config.toml"), join(directory, "codex", "config.toml"));
  const PATH = [tools.bin, dirname(process.execPath), process.env["PATH"]].join(":");
  process.env["PATH"] = PATH;

  const [postgres, rabbitmq, model, github] = await Promise.all([
    startPostgres(),
    startRabbitmq(),
    startScriptedModel(options.script === undefined ? {} : { script: options.script }),
    startScriptedGithub({ dataDirectory: join(directory, "github"), token: GITHUB_TOKEN }),
  ]);
  const shared = { PATH, HOME: join(directory, "home"), TMPDIR: join(directory, "tmp"), LANG: "C.UTF-8", FLEET_ENVIRONMENT: "test" };
  const skills = writeSkills(join(directory, "skills"), options.skills ?? {});
  const workspaces = {
    SPEC_WORKFLOW_WORKSPACE_ROOT: join(directory, "workspaces"),
    SPEC_WORKFLOW_ALLOWED_SKILLS: ["speckit", ...skills].join(","),
  };
  const tokenFile = join(directory, "github-token");
  writeFileSync(tokenFile, `${GITHUB_TOKEN}\n`, { mode: 0o400 });
  const workerEnvironment: Record<string, string> = {
    ...shared,
    ...workspaces,
    ...postgres.environment,
    ...rabbitmq.environment("worker"),
    PYTHONPATH: WORKER_ASSETS,
    PYTHONDONTWRITEBYTECODE: "1",
    FLEET_STAGE_RUNNER: programs.stage,
    FLEET_PREFLIGHT: programs.preflight,
    FLEET_STATE_DIRECTORY: join(directory, "state"),
    CODEX_VOLUME_PATH: join(directory, "codex"),
    CODEX_AUTH: "none",
    CODEX_MODEL: "gpt-5.5",
    CODEX_PROVIDER_URL: `${model.url}/v1`,
    GEMINI_API_KEY: "fleet-test-gemini",
    GOOGLE_GEMINI_BASE_URL: model.url,
    GEMINI_CLI_SYSTEM_SETTINGS_PATH: tools.geminiSettings,
    SPEC_WORKFLOW_SKILLS_ROOT: [join(WORKER_ASSETS, "skills"), join(directory, "skills")].join(","),
    SPEC_WORKFLOW_GITHUB_GIT_URL: github.url,
    SPEC_WORKFLOW_GITHUB_API_URL: github.apiUrl,
    GITHUB_TOKEN_FILE: tokenFile,
  };

  const logs: (() => string)[] = [];
  const apiPort = await freePort();
  const api = startProgram(process.execPath, [programs.api], {
    ...shared,
    ...workspaces,
    ...postgres.environment,
    ...rabbitmq.environment("api"),
    FLEET_API_LISTEN: `127.0.0.1:${apiPort}`,
    FLEET_API_TOKEN: API_TOKEN,
  });
  logs.push(api.log);
  const celeries: CeleryProcess[] = [];
  const fleet: FleetProcesses = {
    directory,
    postgres,
    rabbitmq,
    github,
    model,
    codexHome: join(directory, "codex"),
    toolsPath: PATH,
    workerEnvironment,
    stageProgram: programs.stage,
    makeRepository: (name) => makeSampleRepository(github.repository(name)),
    async celery(queue, variables = {}) {
      const environment = { ...workerEnvironment, ...variables };
      const celery = startCelery(queue, environment);
      logs.push(celery.log);
      celeries.push(celery);
      await untilConsuming(celery, queue, environment);
      return celery;
    },
    async call(method, path, body) {
      const response = await fetch(`http://127.0.0.1:${apiPort}/api/workflows/speckit${path}`, {
        method,
        headers: { authorization: `Bearer ${API_TOKEN}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as unknown };
    },
    async startRun(body) {
      const answer = await fleet.call("POST", "/runs", body);
      if (answer.status !== 202) throw new Error(`the run was not accepted: ${JSON.stringify(answer)}`);
      return answer.body as Run;
    },
    async finished(runId) {
      let run!: Run;
      await eventually(async () => {
        const answer = await fleet.call("GET", `/runs/${runId}`);
        run = answer.body as Run;
        if (run.finishedAt === null)
          throw new Error(`run ${runId} is still ${run.status}: ${JSON.stringify((answer.body as ApiError).detail ?? run.tasks)}`);
      }, 180_000);
      return run;
    },
    async query<T>(sql: string, values: readonly unknown[] = []) {
      const client = new Client({ ...postgres });
      await client.connect();
      try {
        return (await client.query(sql, [...values])).rows as T[];
      } finally {
        await client.end();
      }
    },
    logs: () => logs.map((log) => log()).join("\n"),
    async stop() {
      await Promise.all([api, ...celeries].map((program) => program.stop()));
      await Promise.all([postgres.stop(), rabbitmq.stop(), model.close(), github.close()]);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${apiPort}/readyz`);
    if (!response.ok) throw new Error(`the API is not ready: ${await response.text()}\n${api.log()}`);
  }, 60_000);
  return fleet;
}

/** @returns the ids of the skills. */
function writeSkills(root: string, files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o755 });
  }
  return [...new Set(Object.keys(files).map((path) => path.split("/")[0]!))];
}

/** Bundles the programs as in the images: one file each, without node_modules. */
function bundlePrograms(directory: string): { readonly api: string; readonly stage: string; readonly preflight: string } {
  buildSync({
    entryPoints: { api: join(ROOT, "runtime/api/main.ts"), stage: join(ROOT, "runtime/stages/main.ts") },
    outdir: directory,
    bundle: true,
    platform: "node",
    target: "node20",
    minifySyntax: true,
    keepNames: true,
    external: ["pg-native", "unix-dgram"],
    logLevel: "error",
  });
  // Other tests cover the checks; these tests cover only how Celery reacts to their exit code.
  const preflight = join(directory, "preflight.js");
  writeFileSync(preflight, "process.exit(Number(process.env.FLEET_TEST_PREFLIGHT ?? 0));\n");
  return { api: join(directory, "api.js"), stage: join(directory, "stage.js"), preflight };
}

/** A file of a run's artifacts. */
export function artifactText(run: Run, artifactType: string): string {
  const artifact = run.artifacts.find((candidate) => candidate.artifactType === artifactType);
  if (artifact === undefined) throw new Error(`the run has no artifact ${artifactType}: ${JSON.stringify(run.artifacts)}`);
  return readFileSync(join(run.artifactsPath!, artifact.path), "utf8");
}
