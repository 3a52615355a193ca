import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentInput } from "../../constructs";
import type { Agent, Run } from "../../runtime/contract";
import { makeSampleRepository } from "../../runtime/demo/sample-repository";
import { startScriptedGithub } from "../../runtime/demo/scripted-github";
import type { ScriptedGithub } from "../../runtime/demo/scripted-github";
import { startScriptedModel } from "../../runtime/demo/scripted-model";
import type { ScriptedModel } from "../../runtime/demo/scripted-model";
import { scriptedTask } from "../../runtime/demo/scripted-task";
import { buildWorkerImage } from "../support/build-image";
import { startProgram } from "../support/celery-process";
import type { CeleryProcess } from "../support/celery-process";
import { output, run } from "../support/command";
import { baseImage, dockerIsMissing, hostCertificates } from "../support/docker";
import { eventually } from "../support/eventually";
import { FleetBroker } from "../support/fleet-broker";
import { FleetSurroundings } from "../support/fleet-surroundings";
import type { Lane } from "../support/fleet-surroundings";
import { freePort } from "../support/free-port";
import { startInterceptingProxy } from "../support/intercepting-proxy";
import type { InterceptingProxy } from "../support/intercepting-proxy";
import { installTools } from "../support/tools";
import { EXERCISE, programsThrough } from "../support/way-out-exercise";
import { WorkerContainer } from "../support/worker-container";

/**
 * Real workers in a network whose only outbound access is a proxy that terminates TLS and requires user and password. They
 * are configured only by [network] of an environment file.
 */

const prefix = `proxy-test-${process.pid}`;
const image = `codex-fleet/${prefix}:1`;
const root = join(__dirname, "../..");
const CREDENTIALS = "fleet:p@ss:word";
const TOKEN = "fleet-test-token";

jest.setTimeout(15 * 60_000);

const missing = dockerIsMissing();
if (missing !== undefined) console.warn(`SKIPPED, no worker is tested behind a proxy: ${missing}`);
const withDocker = missing === undefined ? test : test.skip;

let surroundings: FleetSurroundings;
let github: ScriptedGithub;
let model: ScriptedModel;
let tools: Server;
let proxy: InterceptingProxy;
let api: CeleryProcess;
let apiUrl: string;
let settings: EnvironmentInput;
const directory = mkdtempSync(join(tmpdir(), "proxy-test-"));

beforeAll(async () => {
  if (missing !== undefined) return;
  await output("node", ["tools/bundle.mjs"], { cwd: root });
  const certificates = hostCertificates();
  const built = await buildWorkerImage(
    {
      images: { base: await baseImage("node:24-trixie-slim") },
      build: { network: "host", ...(certificates === undefined ? {} : { ca_bundle: certificates }) },
    },
    image,
  );
  if (built.code !== 0) throw new Error(`${built.stdout}${built.stderr}`);
  process.env["PATH"] = `${(await installTools()).bin}:${process.env["PATH"]}`;
  [surroundings, github, model] = await Promise.all([
    FleetSurroundings.start({ prefix, lanes: 2, image }),
    startScriptedGithub({ dataDirectory: join(directory, "github") }),
    startScriptedModel({
      // The agent runs a few programs first, then does its task.
      script: ({ prompts, toolResults }) =>
        toolResults.length === 0 ? { kind: "shell", command: EXERCISE } : scriptedTask({ prompts, toolResults: toolResults.slice(1) }),
    }),
  ]);
  tools = createServer((_, response) => response.end("{}"));
  await new Promise<void>((resolve) => tools.listen(0, "127.0.0.1", resolve));
  proxy = await startInterceptingProxy({
    host: "0.0.0.0",
    credentials: CREDENTIALS,
    origins: {
      "github.test": github.url,
      "api.github.test": github.url,
      "model.test": model.url,
      "tools.test": `http://127.0.0.1:${(tools.address() as AddressInfo).port}`,
    },
  });
  const gateway = await closedNetwork();
  const authority = join(directory, "authority.pem");
  writeFileSync(authority, proxy.authority);
  settings = {
    network: { https_proxy: `http://${gateway}:${proxy.port}`, proxy_credentials: true, ca_bundle: authority },
    codex: { auth: "none", provider_url: "https://model.test/v1", model: "gpt-5.5" },
    gemini: { base_url: "https://model.test" },
    github: { git_url: "https://github.test", api_url: "https://api.github.test/api/v3" },
  };
});

afterAll(async () => {
  if (missing !== undefined) return;
  await api?.stop();
  await surroundings?.stop();
  await Promise.all([proxy?.close(), github?.close(), model?.close()]);
  tools?.close();
  rmSync(directory, { recursive: true, force: true });
  await run("docker", ["image", "rm", "--force", image]);
});

withDocker.each<[agent: Agent, program: string]>([
  ["codex", "codex_exec"],
  ["gemini", "GeminiCLI-tui"],
])("a run with %s goes through the proxy, with everything the agent runs", async (agent, program) => {
  const lane = surroundings.lanes[0]!;
  await start(lane);
  await makeSampleRepository(github.repository(`acme/${agent}`));
  const agents: readonly Agent[] = agent === "gemini" ? ["codex", "gemini"] : ["codex"];
  const workers = await Promise.all(agents.map((each) => worker(lane, each)));
  try {
    await Promise.all(workers.map((each) => each.ready()));
    proxy.forget();
    const done = await finished(`acme/${agent}`, agent);
    expect(done.tasks.map(({ status, message }) => [status, message])).toEqual([
      ["succeeded", "T001 Create greeting.txt that says hello"],
      ["succeeded", `${agent} changed 1 file`],
      ["succeeded", `opened pull request ${github.url}/acme/${agent}/pull/1`],
    ]);
    expect(programsThrough(proxy)).toEqual([
      "api.github.test codex-fleet",
      "github.test git",
      `model.test ${program}`,
      "tools.test Python-urllib",
      "tools.test npm",
    ]);
    // The proxy refused only hosts of programs that call home; every request had the credentials.
    expect(JSON.stringify(await Promise.all(workers.map((each) => each.inspect("{{json .Config}}"))))).not.toContain("p@ss");
    for (const each of workers) {
      const seen = await output("docker", [
        "exec",
        each.name,
        "sh",
        "-c",
        "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'",
      ]);
      expect(seen).toContain("HTTPS_PROXY=http://127.0.0.1:3128");
      expect(seen).not.toMatch(/p(@|%40)ss/);
    }
  } finally {
    await api.stop();
    await Promise.all(workers.map((each) => each.remove()));
  }
});

withDocker("without the authority no job is accepted, and it says what to set", async () => {
  const lane = surroundings.lanes[1]!;
  await prepare(lane);
  const { https_proxy, proxy_credentials } = settings.network!;
  const refusing = await worker(lane, "codex", { ...settings, network: { https_proxy, proxy_credentials } });
  try {
    const { exitCode, red } = await refusing.refusal();
    expect([exitCode, red.map(({ check, fix }) => [check, fix])]).toEqual([
      78,
      [
        [
          "network.proxy",
          "the proxy terminates TLS: set network.ca_bundle in the environment file to a PEM file with its authority's certificate, then codex-fleet up",
        ],
      ],
    ]);
  } finally {
    await refusing.remove();
  }
});

/** Creates a network with broker and database, without outbound access; returns this machine's address in it. */
async function closedNetwork(): Promise<string> {
  const network = surroundings.name("closed");
  await output("docker", ["network", "create", "--internal", "--label", surroundings.label, network]);
  await Promise.all((["rabbitmq", "postgres"] as const).map((service) => surroundings.join(network, service)));
  return output("docker", ["network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", network]);
}

async function prepare(lane: Lane): Promise<void> {
  await surroundings.reset(lane);
  const secrets = { proxy_credentials: CREDENTIALS, gemini_api_key: "fleet-test-gemini" };
  const lines = Object.entries(secrets).map(([name, value]) => `printf %s '${value}' > secrets/${name}`);
  await surroundings.hand(lane, [...lines, "chown 1000:1000 secrets/*; chmod 0400 secrets/*"].join("\n"));
}

/** The API of a lane, as a process of this machine. */
async function start(lane: Lane): Promise<void> {
  await prepare(lane);
  const published = async (service: string, port: number) =>
    (await output("docker", ["port", surroundings.name(service), `${port}/tcp`])).split("\n")[0]!.split(":").at(-1)!;
  const port = await freePort();
  api = startProgram(process.execPath, [join(root, "dist/runtime/api.js")], {
    PATH: process.env["PATH"]!,
    POSTGRES_HOST: "127.0.0.1",
    POSTGRES_PORT: await published("postgres", 5432),
    POSTGRES_PASSWORD: "planted-database",
    CELERY_BROKER_URL: `amqp://127.0.0.1:${await published("rabbitmq", 5672)}/${lane.vhost}`,
    RABBITMQ_USER: "api",
    RABBITMQ_PASSWORD: FleetBroker.passwords.api,
    SPEC_WORKFLOW_WORKSPACE_ROOT: "/workspaces",
    FLEET_API_LISTEN: `127.0.0.1:${port}`,
    FLEET_API_TOKEN: TOKEN,
  });
  apiUrl = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    const { ok } = await fetch(`${apiUrl}/readyz`);
    if (!ok) throw new Error(`the API is not ready:\n${api.log()}`);
  }, 60_000);
}

function worker(lane: Lane, agent: Agent, using: EnvironmentInput = settings): Promise<WorkerContainer> {
  return WorkerContainer.start(surroundings, lane, `${agent}-${lane.vhost}`, {
    image,
    agent,
    settings: using,
    network: surroundings.name("closed"),
  });
}

async function finished(repository: string, agent: Agent): Promise<Run> {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const ask = async (path: string, body?: object) =>
    (await (
      await fetch(`${apiUrl}/api/workflows/speckit${path}`, {
        headers,
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      })
    ).json()) as Run;
  const { id } = await ask("/runs", { repository, agent });
  let done!: Run;
  await eventually(
    async () => {
      done = await ask(`/runs/${id}`);
      if (done.finishedAt === null) throw new Error(`run ${id} is still ${done.status}: ${JSON.stringify(done.tasks)}`);
    },
    240_000,
    500,
  );
  return done;
}
