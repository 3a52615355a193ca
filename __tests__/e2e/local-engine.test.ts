import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually";
import { freePort } from "../support/free-port";
import { filesBelow, instanceProcesses, listening, mainProcesses } from "../support/instance-processes";
import { ANOTHER, LocalCheckout, UNPRIVILEGED } from "../support/local-checkout";
import type { Ended } from "../support/local-checkout";

/**
 * The local engine as a user has it: an unprivileged account, a separate checkout, no Docker engine. Everything is real
 * except the model and GitHub.
 */

const MINUTES = 60_000;

jest.setTimeout(15 * MINUTES);

let directory: string;
let checkout: LocalCheckout;
let api: string;
let first: Ended;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "fleet-local-"));
  chmodSync(directory, 0o755);
  checkout = new LocalCheckout(join(directory, "checkout"), join(directory, "home"), UNPRIVILEGED);
  api = `127.0.0.1:${await freePort()}`;
  await checkout.make(api);
  first = await fleet("up");
});

afterAll(async () => {
  await fleet("down");
  rmSync(directory, { recursive: true, force: true });
});

test("up says what it took, why and what it is not, and ends with a pull request", async () => {
  expect({ code: first.code, ...(first.code === 0 ? {} : first) }).toEqual({ code: 0 });
  expect(first.stdout).toMatch(/^demo takes the local engine, because Docker cannot be used here: .*Docker engine: none/m);
  expect(first.stdout).toMatch(/^It does not isolate agents: /m);
  expect(await statuses()).toEqual(["succeeded"]);
  expect(first.stdout).toContain(`run succeeded: ${(await runs())[0]!.prUrl}`);
});

test("nothing runs as root, listens beyond the loopback interface or holds a secret in its command line", () => {
  const running = instanceProcesses(instance());
  expect(running.map(({ uid }) => uid).filter((uid) => uid !== UNPRIVILEGED.uid)).toEqual([]);
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
  expect(modes).toEqual(modes.map(() => [UNPRIVILEGED.uid, "400"]));
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

test("a service that was killed is started again by the next up, alone; nobody else's process is taken for one of ours", async () => {
  const before = mainProcesses(instance());
  const left = instanceProcesses(instance()).map(({ pid }) => pid);
  process.kill(before["celery_gemini_worker"]!, "SIGKILL");
  process.kill(before["scripted_model"]!, "SIGKILL");
  const mark = (root: string) => `${root}:scripted_model:0123456789abcdef:1700000000000:${before["scripted_model"]}`;
  const strangers = [mark(`${instance()}-2`), mark("/elsewhere")].map((CODEX_FLEET_SERVICE) =>
    checkout.program("sleep", ["600"], { CODEX_FLEET_SERVICE }),
  );
  try {
    const again = await fleet("up");
    expect(again.stdout).toMatch(/services healthy, 2 started/);
    const after = mainProcesses(instance());
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed.sort()).toEqual(["celery_gemini_worker", "scripted_model"]);
    expect(Object.keys(after)).toHaveLength(8);
    const stays = instanceProcesses(instance()).filter(({ service, pid }) => changed.includes(service) && left.includes(pid));
    expect(stays).toEqual([]);
    expect(strangers.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null]);
  } finally {
    for (const stranger of strangers) stranger.kill();
  }
});

test("a second checkout of the user and another user's come up beside it at the same time, and go without it", async () => {
  const mine = mainProcesses(instance());
  const second = new LocalCheckout(join(directory, "second"), join(directory, "home"), UNPRIVILEGED);
  const others = ANOTHER === undefined ? [] : [new LocalCheckout(join(directory, "third"), join(directory, "another"), ANOTHER)];
  const neighbours = [second, ...others];
  for (const neighbour of neighbours) await neighbour.make(api);
  const ups = await Promise.all(neighbours.map((neighbour) => neighbour.fleet("up")));
  try {
    expect(ups.map(({ code, stderr }) => ({ code, stderr }))).toEqual(neighbours.map(() => ({ code: 0, stderr: "" })));
    for (const { stdout } of ups) {
      expect(stdout).toContain(`ok      Port ${api}: found taken by another program; the API will take another port`);
      expect(stdout).toMatch(/^run succeeded: http/m);
    }
    const addresses = [api, ...ups.map(({ stdout }) => /^API +http:\/\/(\S+?)\//m.exec(stdout)![1])];
    expect(new Set(addresses).size).toBe(neighbours.length + 1);
    const places = readdirSync(checkout.data()).sort();
    expect(places).toEqual(["demo", expect.stringMatching(/^demo-[0-9a-f]{8}$/)]);

    const again = await second.fleet("up");
    expect(again.stdout).toMatch(/services healthy, nothing changed/);
    expect((await second.fleet("run", "demo/sample", "--follow")).stdout).toMatch(/^run succeeded: http/m);
    expect((await second.fleet("ps")).stdout.match(/ consuming$/gm)).toHaveLength(2);
    expect(Object.keys(mainProcesses(checkout.data(places[1]!)))).toHaveLength(8);
  } finally {
    for (const neighbour of neighbours) await neighbour.fleet("down");
  }
  expect(mainProcesses(instance())).toEqual(mine);
  expect(await statuses()).toEqual(["succeeded", "succeeded"]);
});

test("down keeps the data and leaves no process; an up that was killed is finished by the next", async () => {
  expect((await fleet("down")).stdout).toMatch(/^demo is down\. Kept: everything below /m);
  await eventually(() => expect(instanceProcesses(instance())).toEqual([]));

  const interrupted = checkout.start("up");
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

function fleet(...args: string[]): Promise<Ended> {
  return checkout.fleet(...args);
}

function instance(): string {
  return checkout.data("demo");
}

async function runs(): Promise<{ status: string; prUrl: string }[]> {
  const token = readFileSync(join(instance(), "secrets/api/fleet_api_token"), "utf8");
  const answer = await fetch(`http://${api}/api/workflows/speckit/runs`, { headers: { authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { items: { status: string; prUrl: string }[] }).items;
}

async function statuses(): Promise<string[]> {
  return (await runs()).map(({ status }) => status);
}
