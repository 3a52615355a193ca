import {
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { spawn, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { eventually } from "../support/eventually";
import { freePort } from "../support/free-port";
import { output } from "../support/command";
import { filesBelow, instanceProcesses, listening, mainProcesses } from "../support/instance-processes";

/**
 * The local engine as a user gets it: an unprivileged account, a checkout of its own, no Docker engine. Everything is real
 * but the model and GitHub.
 */

const MINUTES = 60_000;
const ROOT = join(__dirname, "../..");
const NOBODY = 65534;
/** Whoever runs the test, or where that is root, `nobody`. */
const account = process.getuid?.() === 0 ? NOBODY : process.getuid!();

jest.setTimeout(15 * MINUTES);

let directory: string;
let checkout: string;
let api: string;
let first: { code: number; stdout: string; stderr: string };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "fleet-local-"));
  checkout = join(directory, "checkout");
  api = `127.0.0.1:${await freePort()}`;
  await copyCheckout();
  first = await fleet("up");
});

afterAll(async () => {
  await fleet("down");
  rmSync(directory, { recursive: true, force: true });
});

test("up says what it took, why and what it is not, and ends with a pull request", async () => {
  expect({ code: first.code, ...(first.code === 0 ? {} : first) }).toEqual({ code: 0 });
  expect(first.stdout).toMatch(/^demo takes the local engine, because Docker cannot be used here: .*Docker engine: none/m);
  expect(first.stdout).toMatch(/^It is no isolation: /m);
  expect(await statuses()).toEqual(["succeeded"]);
  expect(first.stdout).toContain(`run succeeded: ${(await runs())[0]!.prUrl}`);
});

test("nothing runs as root, listens beyond the loopback interface or holds a secret in its command line", () => {
  const running = instanceProcesses(instance());
  expect(running.map(({ uid }) => uid).filter((uid) => uid !== account)).toEqual([]);
  const addresses = listening(running.map(({ pid }) => pid));
  expect(addresses.length).toBeGreaterThanOrEqual(6);
  expect(addresses.filter((address) => !/^(127\.0\.0\.1|::1) /.test(address))).toEqual([]);
  const secrets = filesBelow(join(instance(), "secrets")).filter((file) => !file.endsWith(".json"));
  const values = secrets.map((file) => readFileSync(file, "utf8"));
  expect(values.length).toBe(8);
  expect(running.filter(({ visible }) => values.some((value) => visible.includes(value))).map(({ pid }) => pid)).toEqual([]);
});

test("secrets are readable by the account alone", () => {
  const modes = filesBelow(join(instance(), "secrets")).map((file) => [statSync(file).uid, (statSync(file).mode & 0o777).toString(8)]);
  expect(modes).toEqual(modes.map(() => [account, "400"]));
  expect(statSync(instance()).mode & 0o777).toBe(0o700);
});

test("preflight ran whole and says what this engine cannot prove", () => {
  const profile = JSON.parse(readFileSync(join(instance(), "services/celery_codex_worker/state/profile.json"), "utf8")) as {
    checks: { id: string; status: string }[];
  };
  const odd = profile.checks.filter(({ status }) => status !== "ok").map(({ id, status }) => [id, status]);
  const onThisHost = existsSync("/etc/codex/requirements.toml") ? [] : [["policy.image", "warning"]];
  expect(odd.sort()).toEqual([["auth.volume", "warning"], ...onThisHost]);
  expect(profile.checks.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["tools.codex", "tools.gemini", "speckit.init", "policy.effective"]),
  );
});

test("up again changes nothing and starts no second run", async () => {
  const before = mainProcesses(instance());
  const again = await fleet("up");
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/services healthy, nothing changed/);
  expect(mainProcesses(instance())).toEqual(before);
  expect(await statuses()).toEqual(["succeeded"]);
});

test("ps, run and secrets list find the engine by themselves", async () => {
  const ps = await fleet("ps");
  expect(ps.stdout.match(/ consuming$/gm)).toHaveLength(2);
  const second = await fleet("run", "demo/sample", "--follow");
  expect(second.stdout).toMatch(/^run succeeded: http/m);
  const secrets = await fleet("secrets", "list", "demo");
  expect(secrets.stdout).toMatch(/^fleet_api_token +api +43 bytes/m);
});

test("a service that was killed is started again by the next up, alone; a number that came round again is left alone", async () => {
  const before = mainProcesses(instance());
  process.kill(before["celery_gemini_worker"]!, "SIGKILL");
  process.kill(before["scripted_model"]!, "SIGKILL");
  const stranger = spawn("sleep", ["600"], { stdio: "ignore" });
  // As if the system had given the number to another process since.
  const file = join(instance(), "services/scripted_model/process");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^\d+/, String(stranger.pid)));
  try {
    const again = await fleet("up");
    expect(again.stdout).toMatch(/services healthy, 2 started/);
    const after = mainProcesses(instance());
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed.sort()).toEqual(["celery_gemini_worker", "scripted_model"]);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  } finally {
    stranger.kill();
  }
});

test("down keeps the data and leaves no process; an up that was killed is finished by the next", async () => {
  expect((await fleet("down")).stdout).toMatch(/^demo is down\. Kept: everything below /m);
  await eventually(() => expect(instanceProcesses(instance())).toEqual([]));

  const interrupted = start("up");
  await eventually(() => expect(instanceProcesses(instance()).length).toBeGreaterThan(2), 60_000);
  process.kill(-interrupted.pid!, "SIGKILL");

  const again = await fleet("up");
  expect({ code: again.code, ...(again.code === 0 ? {} : again) }).toEqual({ code: 0 });
  expect(again.stdout).toMatch(/^a run has succeeded already: /m);
  expect(await statuses()).toEqual(["succeeded", "succeeded"]);
  expect(new Set(Object.values(mainProcesses(instance()))).size).toBe(8);
});

test("the first service that fails is reported with its reason and its last lines", async () => {
  const config = join(instance(), "codex/config.toml");
  const good = readFileSync(config);
  await fleet("down");
  writeFileSync(config, "not toml [\n");
  const failed = await fleet("up");
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/^celery_codex_worker +FAILED/m);
  expect(failed.stdout).toMatch(/^celery_codex_worker failed: exit code 78: /m);
  expect(failed.stdout).toMatch(/ FAILED +policy\.config +\S+config\.toml:1:5: is not valid TOML/);
  writeFileSync(config, good);
  expect((await fleet("up")).code).toBe(0);
});

test("another environment than a demonstration does not fall back by itself", async () => {
  const refused = await fleet("up", "dev");
  expect(refused.code).toBe(78);
  expect(refused.stderr).toMatch(/^codex-fleet: missing: .*Docker engine.*npm run -s fleet -- up dev --engine local$/m);
});

/** What git would give, with this machine's packages beside it. */
async function copyCheckout(): Promise<void> {
  const listed = await output("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(join(ROOT, file), join(checkout, file));
  }
  const packages = join(ROOT, "node_modules");
  if (isReadable(join(packages, "tsx/package.json"))) symlinkSync(packages, join(checkout, "node_modules"));
  else cpSync(packages, join(checkout, "node_modules"), { recursive: true, verbatimSymlinks: true });
  const demo = join(checkout, "environments/demo.toml");
  writeFileSync(demo, readFileSync(demo, "utf8").replace('listen = "127.0.0.1:8080"', `listen = "${api}"`));
  for (const name of ["home", "tmp"]) mkdirSync(join(directory, name));
  for (const entry of [directory, ...readdirSync(directory, { recursive: true }).map((name) => join(directory, String(name)))])
    lchownSync(entry, account, account === NOBODY ? NOBODY : process.getgid!());
}

function isReadable(file: string): boolean {
  return spawnSync("test", ["-r", file], { cwd: "/", ...identity() }).status === 0;
}

function identity(): { uid?: number; gid?: number } {
  return account === NOBODY ? { uid: NOBODY, gid: NOBODY } : {};
}

function start(...args: string[]) {
  const names = ["NODE_EXTRA_CA_CERTS", "PIP_CERT", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
  const passed = Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return spawn(process.execPath, ["--import", "tsx", "cli/codex-fleet.ts", ...args], {
    cwd: checkout,
    env: {
      ...passed,
      HOME: join(directory, "home"),
      TMPDIR: join(directory, "tmp"),
      PATH: "/usr/local/bin:/usr/bin:/bin",
      DOCKER_HOST: "unix:///nowhere/docker.sock",
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...identity(),
  });
}

function fleet(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(...args);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
      process.stderr.write(text);
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code: code ?? 128, ...said }));
  });
}

function instance(): string {
  return join(directory, "home/.local/share/codex-fleet/demo");
}

async function runs(): Promise<{ status: string; prUrl: string }[]> {
  const token = readFileSync(join(instance(), "secrets/api/fleet_api_token"), "utf8");
  const answer = await fetch(`http://${api}/api/workflows/speckit/runs`, { headers: { authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { items: { status: string; prUrl: string }[] }).items;
}

async function statuses(): Promise<string[]> {
  return (await runs()).map(({ status }) => status);
}
