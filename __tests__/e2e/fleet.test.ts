import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { ContainerLabel } from "../../runtime/contract";
import { output, run } from "../support/command";
import {
  checkout,
  containerIds,
  containerOf,
  deleteFleet,
  inspect,
  inspectAll,
  leftovers,
  planExitCode,
  runs,
  startFromNothing,
  terraform,
} from "../support/demo-fleet";
import { generatedSecrets, openedBy, prefixed } from "../support/demo-secrets";
import { commandsIn, documentedPages } from "../support/documented-commands";
import { search, searchFleet, watchArguments } from "../support/secret-search";
import { whyNoTerraform } from "../support/terraform";

/**
 * What a newcomer does: one command brings the demo fleet up and follows a run to its pull request. Then the test inspects
 * the fleet from outside, replaces its worker and starts a second run.
 */

const MINUTES = 60_000;
const UNINSTALL = "docs/uninstall.md";
const DECISION = {
  selectedSkill: "speckit",
  executionPath: "skill",
  usedSkills: true,
  usedFallback: false,
  shadowModeRequested: false,
};

jest.setTimeout(30 * MINUTES);

const reason = whyNoTerraform();
if (reason !== undefined) console.warn(`SKIPPED: the fleet's tests need Terraform, its Docker provider and an engine: ${reason}`);
const testFleet = reason === undefined ? test : test.skip;

const environmentFile = join(checkout, "environments/demo.toml");
const asCommitted = readFileSync(environmentFile, "utf8");

/** Secrets of an operator, each with a unique value. */
const PLANTED = Object.fromEntries(
  ["openai_api_key", "google_api_key", "gemini_api_key", "github_token"].map((name) => [name, `planted-${name}-7fKq2ZxW`]),
);

/** Values before and after the rotation. */
let rotated: Readonly<Record<string, string>> = {};
let firstUp: { code: number; stdout: string };

beforeAll(async () => {
  if (reason !== undefined) return;
  await startFromNothing();
  firstUp = await run("./tools/up.sh", ["-y"], { cwd: checkout, echo: true });
});

afterAll(async () => {
  if (reason !== undefined) return;
  writeFileSync(environmentFile, asCommitted);
  await deleteFleet();
});

testFleet("up ends with a pull request", async () => {
  expect(firstUp.code).toBe(0);
  expect((await runs()).map(({ status, phase }) => ({ status, phase }))).toEqual([{ status: "succeeded", phase: "complete" }]);
  expect(firstUp.stdout).toContain((await runs())[0]!.prUrl);
});

testFleet("the three task rows of the run carry the five metadata fields", async () => {
  const [run] = await runs();
  expect(run!.tasks.map((task) => [task.taskName, task.status, decisionOf(task.payload)])).toEqual([
    ["discover_next_phase", "succeeded", DECISION],
    ["submit_codex_job", "succeeded", DECISION],
    ["apply_and_publish", "succeeded", DECISION],
  ]);
});

testFleet("up again changes nothing and starts no second run", async () => {
  const before = await containerIds();
  const again = await run("./tools/up.sh", ["-y"], { cwd: checkout, echo: true });
  expect(again.code).toBe(0);
  expect(await containerIds()).toEqual(before);
  expect(await runs()).toHaveLength(1);
});

testFleet.each(["demo-data", "demo"])("a second plan of %s is empty", async (stack) => {
  expect(await planExitCode(stack)).toBe(0);
});

testFleet("codex-fleet plan says in ten lines what a change does, as up would do it, and changes nothing", async () => {
  const before = await containerIds();
  expect(await fleetPlan()).toEqual({ code: 0, lines: ["demo: nothing to change"] });
  try {
    writeFileSync(environmentFile, asCommitted.replace("127.0.0.1:8080", "127.0.0.1:8089") + '\n[variables]\nLOG_LEVEL = "debug"\n');
    expect(await fleetPlan()).toEqual({
      code: 2,
      lines: [
        "demo: 3 to replace",
        "  no gap        celery_codex_worker (env +LOG_LEVEL); celery_gemini_worker (env +LOG_LEVEL)",
        "  with a gap    api (env +LOG_LEVEL, ports)",
        "  data          none touched",
        "  exposure      api on 127.0.0.1:8089 (this machine); api no longer on 127.0.0.1:8080",
        expect.stringMatching(/^ {2}longest wait {2}\d+ min at most; celery_codex_worker may finish what it runs \(11 min\)$/),
      ],
    });
    const json = await run("npm", ["run", "-s", "fleet", "--", "plan", "demo", "--json"], { cwd: checkout });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      environment: "demo",
      counts: { create: 0, update: 0, replace: 3, destroy: 0, forget: 0, import: 0 },
      volumes: { created: [], deleted: [], forgotten: [] },
      exposure: [
        { service: "api", address: "127.0.0.1:8089", change: "opened", public: false },
        { service: "api", address: "127.0.0.1:8080", change: "closed", public: false },
      ],
    });
  } finally {
    writeFileSync(environmentFile, asCommitted);
  }
  expect(await containerIds()).toEqual(before);
});

async function fleetPlan(): Promise<{ code: number; lines: string[] }> {
  const { code, stdout } = await run("npm", ["run", "-s", "fleet", "--", "plan", "demo"], { cwd: checkout });
  return { code, lines: stdout.trimEnd().split("\n") };
}

testFleet("every container is hardened", async () => {
  const findings: string[] = [];
  const containers = await inspectAll();
  for (const { Name, Config, HostConfig, NetworkSettings } of containers) {
    const need = (what: string, ok: boolean) => ok || findings.push(`${Name}: ${what}`);
    need("non-root", Config.User !== "" && !/^(0|root)(:|$)/.test(Config.User));
    need("read-only root", HostConfig.ReadonlyRootfs);
    need("all capabilities dropped", JSON.stringify(HostConfig.CapDrop) === '["ALL"]' && (HostConfig.CapAdd ?? []).length === 0);
    need(
      "no new privileges",
      (HostConfig.SecurityOpt ?? []).some((option) => /^no-new-privileges/.test(option)),
    );
    need("not privileged", !HostConfig.Privileged);
    need("memory limit", HostConfig.Memory > 0 && HostConfig.MemorySwap === HostConfig.Memory);
    need("cpu limit", HostConfig.NanoCpus > 0 || HostConfig.CpuQuota > 0);
    need(
      "process limit",
      (HostConfig.Ulimits ?? []).some((limit) => limit.Name === "nproc"),
    );
    need("log rotation", Number(HostConfig.LogConfig.Config["max-file"]) > 0 && HostConfig.LogConfig.Config["max-size"] !== undefined);
    need("stop timeout", Config.StopTimeout > 0);
    need("health check", (Config.Healthcheck?.Test ?? []).length > 0);
    need(
      "no bind mounts, no socket",
      (HostConfig.Binds ?? []).length === 0 && (HostConfig.Mounts ?? []).every((mount) => mount.Type === "volume"),
    );
    const addresses = Object.values(NetworkSettings.Ports ?? {})
      .flatMap((bindings) => bindings ?? [])
      .map((binding) => binding.HostIp);
    need(
      "ports on loopback only",
      addresses.every((address) => address === "127.0.0.1"),
    );
  }
  expect(findings).toEqual([]);
  expect(containers.length).toBeGreaterThanOrEqual(5);
});

testFleet("the codex worker alone mounts the login", async () => {
  const mounting = (await inspectAll()).filter(({ Mounts }) => Mounts.some((mount) => mount.Name === "demo_codex_auth_volume"));
  expect(mounting.map(({ Config }) => Config.Labels[ContainerLabel.service])).toEqual(["celery_codex_worker"]);
});

testFleet.each(["celery_codex_worker", "celery_gemini_worker"])("the log of %s shows every startup check", async (service) => {
  const log = await run("docker", ["logs", await containerOf(service)]);
  const ids = [...(log.stdout + log.stderr).matchAll(/"check":"([a-z0-9_.-]+)"/g)].map((match) => match[1]);
  expect(ids).toEqual(expect.arrayContaining(["tools.codex", "tools.gemini", "speckit.init", "embedding.credential"]));
  expect(ids.some((id) => id!.startsWith("queue."))).toBe(true);
});

testFleet("google embeddings without a key end the start with 78 and the fix in words", async () => {
  const worker = await containerOf("celery_codex_worker");
  const image = (await inspect(worker)).Image;
  const result = await run("docker", [
    ...["run", "--rm", "--read-only", "--network", "demo-backplane", "--volumes-from", worker],
    ...["--tmpfs", "/tmp", "--tmpfs", "/run/fleet:uid=1000,gid=1000", "--tmpfs", "/home/app:uid=1000,gid=1000"],
    ...[
      "--env",
      "DEFAULT_EMBEDDING_PROVIDER=google",
      "--env",
      "CODEX_AUTH=none",
      "--env",
      "CODEX_PROVIDER_URL=http://scripted_model:8080/v1",
    ],
    ...[image, "node", "/opt/fleet/runtime/preflight.js", "--once"],
  ]);
  expect(result.code).toBe(78);
  expect(result.stdout + result.stderr).toMatch(/GOOGLE_API_KEY.*GEMINI_API_KEY[\s\S]*codex-fleet secrets set/);
});

testFleet.each(documentedPages(checkout).filter(({ page }) => page !== UNINSTALL))(
  "every command of $page works on the running fleet",
  async ({ commands }) => {
    // The other tests cover up and down.
    const script = commands.filter((command) => !/^\.\/tools\/(up|down)\.sh/.test(command)).join("\n");
    const result = await run("bash", ["-exc", script], { cwd: checkout });
    expect({ code: result.code, ...(result.code === 0 ? {} : { said: result.stdout + result.stderr }) }).toEqual({ code: 0 });
  },
);

testFleet("a rotation gives every reader new values, and the old ones open nothing", async () => {
  const before = await generatedSecrets();
  for (const [name, value] of Object.entries(PLANTED)) {
    await output("npm", ["run", "-s", "fleet", "--", "secrets", "set", "demo", name], { cwd: checkout, input: `${value}\n` });
  }
  const rotation = await run("npm", ["run", "-s", "fleet", "--", "secrets", "rotate", "demo", "--deploy"], { cwd: checkout, echo: true });
  expect(rotation.code).toBe(0);
  expect(readFileSync(environmentFile, "utf8")).toBe(`${asCommitted}\n[secrets]\nrevision = 2\n`);

  const after = await generatedSecrets();
  expect(Object.entries(after).filter(([name, value]) => value === before[name])).toEqual([]);
  expect(await openedBy(before)).toEqual({ database: false, broker: false, api: 401 });
  expect(await openedBy(after)).toEqual({ database: true, broker: true, api: 200 });
  expect(await planExitCode("demo")).toBe(0);
  rotated = { ...prefixed("old", before), ...prefixed("new", after) };
});

testFleet("after a run, no secret stands anywhere outside its volume", async () => {
  const worker = await containerOf("celery_codex_worker");
  expect(await output("docker", ["exec", worker, "cat", "/run/secrets/github_token"])).toBe(PLANTED.github_token);
  const watch = watchArguments(await containerIds());
  const started = await run("npm", ["run", "-s", "fleet", "--", "run", "demo/sample", "--follow"], { cwd: checkout });
  const seen = await watch.stop();
  expect(started.code).toBe(0);
  // The search also looked at the agent's process.
  expect(seen.includes("codex\0exec")).toBe(true);

  const secrets = { ...PLANTED, ...rotated };
  expect(Object.keys(secrets)).toHaveLength(12);
  const places = [...(await searchFleet(secrets)), search("arguments during a run", seen, secrets)];
  expect(places.filter(({ found, bytes }) => found.length > 0 || bytes === 0)).toEqual([]);
  console.log(places.map(({ place, bytes }) => `${place}: ${bytes} bytes, no secret`).join("\n"));
});

testFleet("a replaced worker keeps tools, operator's settings and login volume, and works without a prompt", async () => {
  const before = await containerOf("celery_codex_worker");
  const tools = await output("docker", ["exec", before, "cat", "/opt/fleet/tooling.json"]);
  await output("docker", ["exec", "-i", before, "sh", "-c", "cat >> /home/app/.codex/config.toml"], {
    input: "\n# kept by the operator\n[tui]\nnotifications = false\n",
  });

  const address = (await output("terraform", ["state", "list"], terraform("demo")))
    .split("\n")
    .find((line) => /docker_container.*codex/i.test(line))!;
  await output("terraform", ["apply", "-auto-approve", "-input=false", `-replace=${address}`], terraform("demo"));

  const after = await containerOf("celery_codex_worker");
  expect(after).not.toBe(before);
  expect(await output("docker", ["exec", after, "cat", "/opt/fleet/tooling.json"])).toBe(tools);
  const settings = await output("docker", ["exec", after, "cat", "/home/app/.codex/config.toml"]);
  expect(settings).toContain("# kept by the operator");
  expect(parse(settings)).toMatchObject({ approval_policy: "never", tui: { notifications: false } });

  const earlier = (await runs()).length;
  const second = await run("npm", ["run", "-s", "fleet", "--", "run", "demo/sample", "--follow"], { cwd: checkout, echo: true });
  expect(second.code).toBe(0);
  expect((await runs()).map(({ status }) => status)).toEqual(Array.from({ length: earlier + 1 }, () => "succeeded"));
  expect(await planExitCode("demo")).toBe(0);
});

testFleet("down keeps the data", async () => {
  const down = await run("./tools/down.sh", ["-y"], { cwd: checkout, echo: true });
  expect(down.code).toBe(0);
  expect(await containerIds()).toEqual([]);
  const volumes = (await output("docker", ["volume", "ls", "-q"])).split("\n");
  expect(volumes).toEqual(
    expect.arrayContaining(["demo_codex_auth_volume", "demo-postgres-data", "demo-rabbitmq-data", "demo-speckit_workspaces"]),
  );
});

testFleet("docs/uninstall.md deletes everything", async () => {
  const script = commandsIn(readFileSync(join(checkout, UNINSTALL), "utf8")).join("\n");
  const result = await run("bash", ["-exc", script], { cwd: checkout, echo: true });
  expect(result.code).toBe(0);
  expect([...(await containerIds()), ...(await leftovers("volume")), ...(await leftovers("network"))]).toEqual([]);
});

function decisionOf(payload: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(DECISION).map((key) => [key, payload[key]]));
}
