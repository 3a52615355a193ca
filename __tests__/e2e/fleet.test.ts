import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { ContainerLabel } from "../../runtime/contract";
import { output, run } from "../support/command";

/**
 * The way of a stranger: one command brings the demo fleet up and follows a run to its pull request. Then the fleet is
 * looked at from outside, its worker replaced, and a second run made.
 */

const checkout = join(__dirname, "../..");
const MINUTES = 60_000;
const DECISION = {
  selectedSkill: "speckit",
  executionPath: "skill",
  usedSkills: true,
  usedFallback: false,
  shadowModeRequested: false,
};

jest.setTimeout(30 * MINUTES);

let firstUp: { code: number; stdout: string };

beforeAll(async () => {
  await startFromNothing();
  firstUp = await run("./tools/up.sh", ["-y"], { cwd: checkout, echo: true });
});

afterAll(async () => {
  await deleteFleet();
});

test("up ends with a pull request", async () => {
  expect(firstUp.code).toBe(0);
  expect((await runs()).map(({ status, phase }) => ({ status, phase }))).toEqual([{ status: "succeeded", phase: "complete" }]);
  expect(firstUp.stdout).toContain((await runs())[0]!.prUrl);
});

test("the three task rows of the run carry the five metadata fields", async () => {
  const [run] = await runs();
  expect(run!.tasks.map((task) => [task.taskName, task.status, decisionOf(task.payload)])).toEqual([
    ["discover_next_phase", "succeeded", DECISION],
    ["submit_codex_job", "succeeded", DECISION],
    ["apply_and_publish", "succeeded", DECISION],
  ]);
});

test("up again changes nothing and starts no second run", async () => {
  const before = await containerIds();
  const again = await run("./tools/up.sh", ["-y"], { cwd: checkout, echo: true });
  expect(again.code).toBe(0);
  expect(await containerIds()).toEqual(before);
  expect(await runs()).toHaveLength(1);
});

test.each(["demo-data", "demo"])("a second plan of %s is empty", async (stack) => {
  expect(await planExitCode(stack)).toBe(0);
});

test("every container is hardened", async () => {
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

test("the codex worker alone mounts the login", async () => {
  const mounting = (await inspectAll()).filter(({ Mounts }) => Mounts.some((mount) => mount.Name === "demo_codex_auth_volume"));
  expect(mounting.map(({ Config }) => Config.Labels[ContainerLabel.service])).toEqual(["celery_codex_worker"]);
});

test.each(["celery_codex_worker", "celery_gemini_worker"])("the log of %s shows every startup check", async (service) => {
  const log = await run("docker", ["logs", await containerOf(service)]);
  const ids = [...(log.stdout + log.stderr).matchAll(/"check":"([a-z0-9_.-]+)"/g)].map((match) => match[1]);
  expect(ids).toEqual(expect.arrayContaining(["tools.codex", "tools.gemini", "speckit.init", "embedding.credential"]));
  expect(ids.some((id) => id!.startsWith("queue."))).toBe(true);
});

test("google embeddings without a key end the start with 78 and the fix in words", async () => {
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

test.each(documentedCommands())("the README's command %s works on the running fleet", async (command) => {
  const result = await run("bash", ["-c", command], { cwd: checkout });
  expect({ code: result.code, ...(result.code === 0 ? {} : { said: result.stdout + result.stderr }) }).toEqual({ code: 0 });
});

test("a replaced worker keeps tools, operator's settings and login volume, and works without a prompt", async () => {
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

  const second = await run("npm", ["run", "-s", "fleet", "--", "run", "demo/sample", "--follow"], { cwd: checkout, echo: true });
  expect(second.code).toBe(0);
  expect((await runs()).map(({ status }) => status)).toEqual(["succeeded", "succeeded", "succeeded"]);
  expect(await planExitCode("demo")).toBe(0);
});

test("down keeps the data, and nothing of a secret stands in what was synthesized or stored", async () => {
  const token = await apiToken();
  for (const file of ["cdktf.out", ...(await stateFiles())]) {
    expect((await run("grep", ["-rlF", token, file], { cwd: checkout })).stdout).toBe("");
  }
  const down = await run("./tools/down.sh", ["-y"], { cwd: checkout, echo: true });
  expect(down.code).toBe(0);
  expect(await containerIds()).toEqual([]);
  const volumes = (await output("docker", ["volume", "ls", "-q"])).split("\n");
  expect(volumes).toEqual(
    expect.arrayContaining(["demo_codex_auth_volume", "demo-postgres-data", "demo-rabbitmq-data", "demo-speckit_workspaces"]),
  );
});

/** Whatever a demo fleet left on this engine; deleting it is only right where nobody uses it. */
async function startFromNothing(): Promise<void> {
  const found = [...(await containerIds()), ...(await leftovers("volume")), ...(await leftovers("network"))];
  if (found.length === 0) return;
  if (process.env.FLEET_TEST_RESET !== "1") {
    throw new Error(`this engine has a demo fleet already (${found.join(", ")}): delete it, or set FLEET_TEST_RESET=1 to have it deleted`);
  }
  await deleteFleet();
}

async function deleteFleet(): Promise<void> {
  const containers = await containerIds();
  if (containers.length > 0) await output("docker", ["rm", "--force", ...containers]);
  for (const kind of ["volume", "network"]) {
    const names = await leftovers(kind);
    if (names.length > 0) await output("docker", [kind, "rm", ...names]);
  }
  for (const file of await stateFiles()) await output("rm", ["-f", file], { cwd: checkout });
}

async function leftovers(kind: string): Promise<string[]> {
  const names = await output("docker", [kind, "ls", "--format", "{{.Name}}"]);
  return names.split("\n").filter((name) => /^demo[-_]/.test(name));
}

interface Inspected {
  readonly Name: string;
  readonly Image: string;
  readonly Config: {
    readonly User: string;
    readonly StopTimeout: number;
    readonly Labels: Record<string, string>;
    readonly Healthcheck?: { readonly Test: string[] };
  };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: string[] | null;
    readonly CapAdd: string[] | null;
    readonly SecurityOpt: string[] | null;
    readonly Privileged: boolean;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly NanoCpus: number;
    readonly CpuQuota: number;
    readonly Ulimits: { readonly Name: string }[] | null;
    readonly LogConfig: { readonly Config: Record<string, string> };
    readonly Binds: string[] | null;
    readonly Mounts: { readonly Type: string }[] | null;
  };
  readonly Mounts: { readonly Name?: string }[];
  readonly NetworkSettings: { readonly Ports: Record<string, { readonly HostIp: string }[] | null> | null };
}

async function containerIds(): Promise<string[]> {
  const ids = await output("docker", ["ps", "-aq", "--no-trunc", "--filter", `label=${ContainerLabel.environment}=demo`]);
  return ids.split("\n").filter(Boolean).sort();
}

async function containerOf(service: string): Promise<string> {
  const filters = [`label=${ContainerLabel.environment}=demo`, `label=${ContainerLabel.service}=${service}`];
  return output("docker", ["ps", "-q", "--no-trunc", ...filters.flatMap((filter) => ["--filter", filter])]);
}

async function inspect(container: string): Promise<Inspected> {
  return (JSON.parse(await output("docker", ["inspect", container])) as Inspected[])[0]!;
}

async function inspectAll(): Promise<Inspected[]> {
  return JSON.parse(await output("docker", ["inspect", ...(await containerIds())])) as Inspected[];
}

function terraform(stack: string): { cwd: string; env: NodeJS.ProcessEnv } {
  return { cwd: join(checkout, "cdktf.out/stacks", stack), env: { ...process.env, CHECKPOINT_DISABLE: "1" } };
}

async function planExitCode(stack: string): Promise<number> {
  const plan = await run("terraform", ["plan", "-detailed-exitcode", "-input=false", "-no-color"], terraform(stack));
  if (plan.code !== 0) process.stderr.write(plan.stdout + plan.stderr);
  return plan.code;
}

async function stateFiles(): Promise<string[]> {
  const found = await output("find", [".", "-maxdepth", "2", "-name", "*.tfstate*", "-not", "-path", "./node_modules/*"], {
    cwd: checkout,
  });
  return found.split("\n").filter(Boolean);
}

async function apiToken(): Promise<string> {
  return output("docker", ["exec", await containerOf("api"), "cat", "/run/secrets/fleet_api_token"]);
}

/** Commands in the README's shell blocks; up and down are what the other tests are about. */
function documentedCommands(): string[] {
  const blocks = [...readFileSync(join(checkout, "README.md"), "utf8").matchAll(/^```sh\n([\s\S]*?)^```/gm)];
  return blocks
    .flatMap((block) => block[1]!.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, ""))
    .filter((line) => line !== "" && !/^\.\/tools\/(up|down)\.sh/.test(line));
}

interface RunAnswer {
  readonly status: string;
  readonly phase: string;
  readonly prUrl: string;
  readonly tasks: { readonly taskName: string; readonly status: string; readonly payload: Record<string, unknown> }[];
}

async function runs(): Promise<RunAnswer[]> {
  const answer = await fetch("http://127.0.0.1:8080/api/workflows/speckit/runs?includeTasks=true", {
    headers: { authorization: `Bearer ${await apiToken()}` },
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { items: RunAnswer[] }).items;
}

function decisionOf(payload: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(DECISION).map((key) => [key, payload[key]]));
}
