import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { authorityVariables, proxyVariables } from "../../runtime/contract";
import type { Agent, Run } from "../../runtime/contract";
import { scriptedTask } from "../../runtime/demo/scripted-task";
import { startFleet } from "../support/fleet-processes";
import type { FleetProcesses } from "../support/fleet-processes";
import { startInterceptingProxy } from "../support/intercepting-proxy";
import type { InterceptingProxy } from "../support/intercepting-proxy";
import { EXERCISE, programsThrough } from "../support/way-out-exercise";

/**
 * The fleet's processes where outside host names cannot be resolved and the only outbound access is a proxy that terminates
 * TLS: each program has to find the proxy and trust its authority by the variables a worker gives it.
 */

jest.setTimeout(300_000);

const PUBLIC_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

let fleet: FleetProcesses;
let tools: Server;
let proxy: InterceptingProxy;
let variables: Record<string, string>;

beforeAll(async () => {
  fleet = await startFleet({
    // The agent runs a few programs first, then does its task.
    script: ({ prompts, toolResults }) =>
      toolResults.length === 0 ? { kind: "shell", command: EXERCISE } : scriptedTask({ prompts, toolResults: toolResults.slice(1) }),
  });
  tools = createServer((_, response) => response.end("{}"));
  await new Promise<void>((resolve) => tools.listen(0, "127.0.0.1", resolve));
  proxy = await startInterceptingProxy({
    origins: {
      "github.test": fleet.github.url,
      "api.github.test": fleet.github.url,
      "model.test": fleet.model.url,
      "tools.test": `http://127.0.0.1:${(tools.address() as AddressInfo).port}`,
    },
  });
  const authorities = join(fleet.directory, "ca-bundle.pem");
  writeFileSync(authorities, proxy.authority);
  variables = {
    ...proxyVariables({ https: `http://127.0.0.1:${proxy.port}`, except: "127.0.0.1,localhost" }),
    ...authorityVariables(authorities),
    CODEX_PROVIDER_URL: "https://model.test/v1",
    GOOGLE_GEMINI_BASE_URL: "https://model.test",
    SPEC_WORKFLOW_GITHUB_GIT_URL: "https://github.test",
    SPEC_WORKFLOW_GITHUB_API_URL: "https://api.github.test/api/v3",
  };
});

afterAll(async () => {
  if (process.env["FLEET_TEST_LOGS"] !== undefined) process.stderr.write(fleet?.logs() ?? "");
  await fleet?.stop();
  await proxy?.close();
  tools?.close();
});

/** A run with workers that have these variables instead of others. */
async function run(agent: Agent, repository: string, changed: Readonly<Record<string, string>> = {}): Promise<Run> {
  await fleet.makeRepository(repository);
  proxy.forget();
  const celeries = await Promise.all(["speckit", agent].map((queue) => fleet.celery(queue, { ...variables, ...changed })));
  try {
    return await fleet.finished((await fleet.startRun({ repository, agent })).id);
  } finally {
    await Promise.all(celeries.map((celery) => celery.stop()));
  }
}

test.each<[agent: Agent, program: string]>([
  ["codex", "codex_exec"],
  ["gemini", "GeminiCLI-tui"],
])("a run with %s goes through the proxy, with everything the agent runs", async (agent, program) => {
  const done = await run(agent, `acme/${agent}`);
  expect(done.tasks.map(({ status, message }) => [status, message])).toEqual([
    ["succeeded", "T001 Create greeting.txt that says hello"],
    ["succeeded", `${agent} changed 1 file`],
    ["succeeded", `opened pull request ${fleet.github.url}/acme/${agent}/pull/1`],
  ]);
  expect(programsThrough(proxy)).toEqual([
    "api.github.test codex-fleet",
    "github.test git",
    `model.test ${program}`,
    "tools.test Python-urllib",
    "tools.test npm",
  ]);
});

test.each<[what: string, variable: string, agent: Agent, host: string, stages: string[]]>([
  ["git", "GIT_SSL_CAINFO", "codex", "github.test", ["failed repository_unavailable", "queued", "queued"]],
  ["Codex", "SSL_CERT_FILE", "codex", "model.test", ["succeeded", "failed codex_timed_out", "queued"]],
  ["Gemini", "NODE_EXTRA_CA_CERTS", "gemini", "model.test", ["succeeded", "failed gemini_timed_out", "queued"]],
  ["the call to GitHub", "NODE_EXTRA_CA_CERTS", "codex", "api.github.test", ["succeeded", "succeeded", "failed pull_request_failed"]],
])("%s does not trust the proxy without %s", async (what, variable, agent, host, stages) => {
  // Both agents retry for longer than this test waits.
  const limit = host === "model.test" ? { SPEC_WORKFLOW_STAGE_TIMEOUT: "10s" } : {};
  const done = await run(agent, `acme/without-${what.split(" ").at(-1)!.toLowerCase()}`, { [variable]: PUBLIC_AUTHORITIES, ...limit });
  expect(done.tasks.map(({ status, payload }) => [status, ...(payload.code === undefined ? [] : [payload.code])].join(" "))).toEqual(
    stages,
  );
  expect(proxy.distrusted).toContain(host);
  expect(programsThrough(proxy).filter((pair) => pair.startsWith(`${host} `))).toEqual([]);
});
