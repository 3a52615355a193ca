import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageContext } from "../../constructs/worker-image";
import type { ToolingRecord } from "../../runtime/contract";
import { output, run } from "../support/command";
import type { CommandResult } from "../support/command";
import { baseImage, buildClient, dockerIsMissing, hostCertificates } from "../support/docker";

/** The worker image as a worker runs it: not root, read-only, without capabilities and without a network. */

const checkout = join(__dirname, "../..");
const container = `worker-image-test-${process.pid}`;
const image = `codex-fleet/worker:test-${process.pid}`;
const MINUTES = 60_000;
/** What the worker may add to its base: 0.7 of a straightforward image (1.25 GB), less that image's base (194 MB). */
const LARGEST_ADDITION = 681e6;
const HARDENING = [
  ...[
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--pids-limit",
    "256",
    "--network",
    "none",
    "--dns",
    "127.0.0.1",
    "--init",
  ],
  ...[
    "--memory",
    "1g",
    "--tmpfs",
    "/tmp:size=64m",
    "--tmpfs",
    "/home/app:uid=1000,gid=1000,size=256m",
    "--tmpfs",
    "/run/fleet:uid=1000,gid=1000",
  ],
];
/** Codex settings for a provider without a login, on the container's loopback interface. */
const PROVIDER = [
  ...["-c", 'model="gpt-5.5"', "-c", 'model_provider="scripted"'],
  ...["-c", 'model_providers.scripted={name="scripted",base_url="http://127.0.0.1:8080/v1",wire_api="responses"}'],
];

jest.setTimeout(15 * MINUTES);

let client: string;
let base: string;
let context: string;

const missing = dockerIsMissing();
if (missing !== undefined) console.warn(`SKIPPED, the worker image is not tested: ${missing}`);
const withDocker = missing === undefined ? test : test.skip;

beforeAll(async () => {
  if (missing !== undefined) return;
  await output("node", ["tools/bundle.mjs"], { cwd: checkout });
  client = await buildClient();
  base = await baseImage("node:24-trixie-slim");
  context = packageContext(checkout).stage();
  const certificates = hostCertificates();
  if (certificates !== undefined) copyFileSync(certificates, join(context, "ca-certificates.crt"));
  const started = Date.now();
  const built = await build("worker", image);
  if (built.code !== 0) throw new Error(`the worker image was not built:\n${built.stdout}${built.stderr}`);
  const size = await sizeOf(image);
  console.info(`${image} on ${base}: ${(size / 1e6).toFixed(0)} MB, built in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  await output("docker", ["run", "--detach", "--name", container, ...HARDENING, image, "sleep", "infinity"]);
});

afterAll(async () => {
  if (missing !== undefined) return;
  await run("docker", ["rm", "--force", container]);
  await run("docker", ["image", "rm", image]);
});

withDocker("runs as app and holds nothing that changes its user", async () => {
  expect(await inside("id -u; id -g; id -un")).toBe("1000\n1000\napp");
  expect(await inside("find / -xdev -type f -perm /6000 2>/dev/null || true")).toBe("");
  expect(await inside("stat -c '%u:%g %a' /etc/codex/requirements.toml /etc/codex/config.toml /workspaces")).toBe(
    "0:0 644\n0:0 644\n1000:1000 755",
  );
});

withDocker("every tool says what the image's record says, labels included", async () => {
  const { tools, schema } = await tooling();
  expect(schema).toBe(1);
  expect(Object.keys(tools)).toEqual(["codex", "codex-code-mode-host", "gemini", "specify", "speckit", "celery", "node", "git"]);
  for (const tool of ["codex", "gemini", "specify", "speckit", "celery", "node", "git"] as const) {
    const said = await inside(`${tool} --version`);
    expect([tool, /\d+\.\d+\.\d+/.exec(said)?.[0], await inside(`command -v ${tool}`)]).toEqual([
      tool,
      tools[tool]!.version,
      tools[tool]!.path,
    ]);
  }
  for (const { path, sha256 } of Object.values(tools)) {
    expect(await inside(`sha256sum "$(realpath ${path})" | cut -d' ' -f1`)).toBe(sha256);
  }
  const labels = JSON.parse(await output("docker", ["image", "inspect", "--format", "{{json .Config.Labels}}", image])) as Record<
    string,
    string
  >;
  expect(Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith("org.codex-fleet.tool.")))).toEqual({
    "org.codex-fleet.tool.codex": tools["codex"]!.version,
    "org.codex-fleet.tool.gemini": tools["gemini"]!.version,
    "org.codex-fleet.tool.specify": tools["specify"]!.version,
    "org.codex-fleet.tool.celery": tools["celery"]!.version,
  });
});

withDocker("docs/tooling.md names the versions of the image's labels", async () => {
  const document = readFileSync(join(checkout, "docs/tooling.md"), "utf8");
  const rows = [...document.matchAll(/^\|[^|]+\| (\S+) +\|[^|]+\| `(org\.codex-fleet\.tool\.\w+)`/gm)];
  const labels = JSON.parse(await output("docker", ["image", "inspect", "--format", "{{json .Config.Labels}}", image])) as Record<
    string,
    string
  >;
  expect(Object.fromEntries(rows.map(([, version, label]) => [label, version]))).toEqual(
    Object.fromEntries(Object.entries(labels).filter(([label]) => label.startsWith("org.codex-fleet.tool."))),
  );
});

withDocker("a tool that is not the pinned one stops the build", async () => {
  const result = await build("worker", `${image}-wrong`, ["--build-arg", "CODEX_VERSION=0.0.1"]);
  expect(result.code).not.toBe(0);
  expect(result.stdout + result.stderr).toContain("build argument CODEX_VERSION is 0.0.1, the lockfile pins");
});

withDocker("the runtime image holds no agent, no Python and no git", async () => {
  const tag = `${image}-runtime`;
  const built = await build("runtime", tag);
  expect(built.code).toBe(0);
  try {
    const found = await output("docker", [
      "run",
      "--rm",
      ...HARDENING,
      tag,
      "sh",
      "-c",
      "id -u; for tool in codex gemini specify celery python3 git; do command -v $tool; done; true",
    ]);
    expect(found).toBe("1000");
  } finally {
    await run("docker", ["image", "rm", tag]);
  }
});

withDocker("the policy is never, whatever the volume says", async () => {
  const volumes = { missing: undefined, asks: 'approval_policy = "on-request"\n', restricts: 'sandbox_mode = "read-only"\n' };
  // At once, because `codex doctor` looks its provider up and waits for the answer.
  const found = await Promise.all(Object.entries(volumes).map(([name, settings]) => policyWith(name, settings)));
  expect(found).toEqual([
    ["missing", "ok", "Never"],
    ["asks", "warning", "Never"],
    ["restricts", "ok", "Never"],
  ]);
});

withDocker("codex exec edits a file against a scripted provider, strictly configured", async () => {
  await serveScriptedModel();
  const result = await exec(
    `mkdir -p "$CODEX_HOME" /home/app/work && cd /home/app/work && git init -q . && codex exec --json --strict-config ${PROVIDER.map(quote).join(" ")} 'T001 Create greeting.txt that says hello' < /dev/null`,
  );
  expect([result.code, result.stderr.replace("Reading additional input from stdin...\n", "")]).toEqual([0, ""]);
  const events = result.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; item?: { type: string; status?: string } });
  expect(events.map(({ type, item }) => [type, item?.type, item?.status])).toEqual([
    ["thread.started", undefined, undefined],
    ["turn.started", undefined, undefined],
    ["item.started", "file_change", "in_progress"],
    ["item.completed", "file_change", "completed"],
    ["item.completed", "agent_message", undefined],
    ["turn.completed", undefined, undefined],
  ]);
  expect(await inside("cat /home/app/work/greeting.txt")).toBe("hello");
  expect(
    await inside(
      `cat "$CODEX_HOME"/sessions/*/*/*/rollout-*.jsonl | jq -r 'select(.type == "turn_context").payload | .approval_policy, .sandbox_policy.type'`,
    ),
  ).toBe("never\ndanger-full-access");
});

withDocker("gemini reads its system settings and edits a file against the same provider", async () => {
  await serveScriptedModel();
  const result = await exec(
    `mkdir -p /home/app/gemini && cd /home/app/gemini && GEMINI_API_KEY=unused GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8080 GEMINI_CLI_TRUST_WORKSPACE=true gemini --approval-mode yolo --output-format json --prompt 'T002 Create greeting.txt that says hello' < /dev/null`,
  );
  const { response } = JSON.parse(result.stdout) as { response: string };
  expect([result.code, response.startsWith("This is a scripted model, not a language model.")]).toEqual([0, true]);
  expect(await inside("cat /home/app/gemini/greeting.txt")).toBe("hello");
});

withDocker("Spec Kit initializes a project offline", async () => {
  await inside(
    "mkdir -p /home/app/spec && cd /home/app/spec && speckit init --here --force --integration codex --script sh --ignore-agent-tools --non-interactive > /tmp/speckit.log",
  );
  expect(
    await inside("ls /home/app/spec/.agents/skills | grep -cx -e speckit-specify -e speckit-plan -e speckit-tasks -e speckit-implement"),
  ).toBe("4");
});

withDocker("speckit-smoke runs Spec Kit end to end offline, and finds a program that only stands in its place", async () => {
  const smoke = await exec("speckit-smoke");
  expect({ code: smoke.code, last: smoke.stdout.trimEnd().split("\n").at(-1) }).toEqual({ code: 0, last: "speckit-smoke: Spec Kit works" });
  const stub = "mkdir /tmp/stub && ln -s /bin/true /tmp/stub/speckit && PATH=/tmp/stub:$PATH speckit-smoke";
  const stubbed = await exec(stub);
  expect({ code: stubbed.code, said: stubbed.stderr.split("\n")[0] }).toEqual({ code: 1, said: "speckit-smoke: FAILED init" });
});

withDocker("the image adds no more than its share", async () => {
  expect((await sizeOf(image)) - (await sizeOf(base))).toBeLessThanOrEqual(LARGEST_ADDITION);
});

function build(target: string, tag: string, options: readonly string[] = []): Promise<CommandResult> {
  const args = ["build", "--progress", "plain", "--network", "host", "--build-arg", `BASE_IMAGE=${base}`, "--target", target, "--tag", tag];
  return run(client, [...args, ...options, context], { env: { ...process.env, DOCKER_BUILDKIT: "1" } });
}

function exec(script: string, input = ""): Promise<CommandResult> {
  return run("docker", ["exec", "--interactive", container, "bash", "-c", script], { input });
}

function inside(script: string, input = ""): Promise<string> {
  return output("docker", ["exec", "--interactive", container, "bash", "-c", script], { input });
}

async function tooling(): Promise<ToolingRecord> {
  return JSON.parse(await inside("cat /opt/fleet/tooling.json")) as ToolingRecord;
}

/** What `codex doctor` reports about its configuration and policy, with these settings in CODEX_HOME. */
async function policyWith(name: string, settings: string | undefined): Promise<readonly [string, string, string | undefined]> {
  const home = `/home/app/volume-${name}`;
  await inside(`mkdir ${home}`);
  if (settings !== undefined) await inside(`cat > ${home}/config.toml`, settings);
  const { stdout } = await exec(`CODEX_HOME=${home} codex doctor --json`);
  const { checks } = JSON.parse(stdout) as { checks: Record<string, { status: string; details: Record<string, string> }> };
  return [name, checks["config.load"]!.status, checks["sandbox.helpers"]?.details["approval policy"]];
}

/** Once: on the container's own loopback, from the bundle the demo runs. */
async function serveScriptedModel(): Promise<void> {
  const probe = "exec 3<>/dev/tcp/127.0.0.1/8080";
  if ((await exec(probe)).code === 0) return;
  // `docker cp` writes below a tmpfs, not into it.
  await inside("cat > /run/fleet/scripted-model.js", readFileSync(join(checkout, "dist/runtime/scripted-model.js"), "utf8"));
  await output("docker", ["exec", "--detach", container, "node", "/run/fleet/scripted-model.js"]);
  await inside(`for attempt in $(seq 100); do (${probe}) 2> /dev/null && exit 0; sleep 0.1; done; exit 1`);
}

async function sizeOf(reference: string): Promise<number> {
  return Number(await output("docker", ["image", "inspect", "--format", "{{.Size}}", reference]));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
