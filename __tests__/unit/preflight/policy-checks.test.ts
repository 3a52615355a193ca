import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mergeCodexConfig } from "../../../runtime/contract";
import { manageConfig } from "../../../runtime/preflight/managed-config";
import { judgeManagedConfig, policyConfigCheck } from "../../../runtime/preflight/policy-config-check";
import { judgePolicy } from "../../../runtime/preflight/policy-effective-check";
import { judgeRequirements, judgeTemplate, policyImageCheck } from "../../../runtime/preflight/policy-image-check";
import { contextOf, scratch } from "./context";

const TEMPLATE = readFileSync(join(__dirname, "../../../assets/worker/etc/codex/config.toml"), "utf8");
const REQUIREMENTS = readFileSync(join(__dirname, "../../../assets/worker/etc/codex/requirements.toml"), "utf8");
const REBUILD = "rebuild the image: codex-fleet up";

describe("policy.image", () => {
  test("the files the image ships pass", () => {
    expect(judgeTemplate("/t", { text: TEMPLATE })).toMatchObject({ status: "ok" });
    expect(judgeRequirements("/r", { text: REQUIREMENTS })).toMatchObject({ status: "ok" });
  });

  test.each([
    [judgeTemplate("/t", { error: "ENOENT" }), "/t cannot be read (ENOENT)"],
    [judgeTemplate("/t", { text: TEMPLATE.replace('"never"', '"on-request"') }), '/t: approval_policy is "on-request"'],
    [
      judgeTemplate("/t", { text: "a = 1\na = 2\n" }),
      "/t:2:1: duplicate key: a key or table is defined twice; keep one of the two, or move the file away: the worker then creates it from the image's template",
    ],
    [judgeRequirements("/r", { error: "EACCES" }), "/r cannot be read (EACCES)"],
    [judgeRequirements("/r", { text: "" }), "allowed_approval_policies is not set"],
    [
      judgeRequirements("/r", { text: 'allowed_approval_policies = ["never", "on-request"]' }),
      'allowed_approval_policies is ["never","on-request"]',
    ],
    [judgeRequirements("/r", { text: "[" }), "/r is not valid TOML"],
  ])("%#: rebuild the image", (outcome, found) => {
    expect(outcome).toMatchObject({ status: "failed", found, fix: REBUILD });
  });

  test("requirements that are missing fail in a container and warn on a local engine", async () => {
    const template = join(scratch(), "config.toml");
    writeFileSync(template, TEMPLATE);
    const environment = { CODEX_TEMPLATE_PATH: template };
    expect(await policyImageCheck.run(contextOf(environment))).toMatchObject({ status: "failed" });
    expect(await policyImageCheck.run(contextOf({ ...environment, FLEET_ENGINE: "local" }))).toMatchObject({
      status: "warning",
      found: "/nowhere/requirements.toml cannot be read (ENOENT)",
      fix: "FLEET_ENGINE=local: only config.toml enforces the policy on this host",
    });
    rmSync(template);
    expect(await policyImageCheck.run(contextOf({ ...environment, FLEET_ENGINE: "local" }))).toMatchObject({ status: "failed" });
  });
});

describe("policy.config", () => {
  let home: string;
  let template: string;
  beforeEach(() => {
    const directory = scratch();
    home = join(directory, "home");
    template = join(directory, "template.toml");
    writeFileSync(template, TEMPLATE);
  });
  const file = () => join(home, "config.toml");
  const write = (text: string, mode = 0o600) => {
    mkdirSync(home, { recursive: true });
    writeFileSync(file(), text, { mode });
  };
  const left = () => readdirSync(home);

  test("seeds a missing file from the template, for the owner alone", async () => {
    expect(await manageConfig(home, template)).toEqual({ kind: "seeded" });
    expect(readFileSync(file(), "utf8")).toBe(TEMPLATE);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(left()).toEqual(["config.toml"]);
    expect(await manageConfig(home, template)).toEqual({ kind: "kept" });
  });

  test("merges into an operator's file and keeps its mode", async () => {
    write('model = "mine" # ours\n', 0o640);
    expect(await manageConfig(home, template)).toMatchObject({ kind: "merged" });
    const text = readFileSync(file(), "utf8");
    expect(text.startsWith('model = "mine" # ours\napproval_policy = "never"\n')).toBe(true);
    expect(mergeCodexConfig(text)).toEqual({ ok: true, text, changed: [] });
    expect(statSync(file()).mode & 0o777).toBe(0o640);
  });

  test("a file that is right is not written again", async () => {
    write(TEMPLATE);
    const before = statSync(file(), { bigint: true });
    expect(await manageConfig(home, template)).toEqual({ kind: "kept" });
    const after = statSync(file(), { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  });

  test("a refused file is left as it is", async () => {
    write("approval_policy = \n");
    expect(await manageConfig(home, template)).toMatchObject({ kind: "refused" });
    expect(readFileSync(file(), "utf8")).toBe("approval_policy = \n");
    expect(left()).toEqual(["config.toml"]);
    expect(await policyConfigCheck.run(contextOf({ CODEX_VOLUME_PATH: home, CODEX_TEMPLATE_PATH: template }))).toMatchObject({
      status: "failed",
      fix: "the worker did not change the file; correct it, then check it: codex-fleet codex-config check FILE",
    });
  });

  test("many workers on one volume end with one whole file", async () => {
    write("# ours\nmodel = 'm'\n");
    const results = await Promise.all(Array.from({ length: 12 }, () => manageConfig(home, template)));
    expect(results.map(({ kind }) => kind).sort()).toEqual([...Array<string>(11).fill("kept"), "merged"]);
    expect(left()).toEqual(["config.toml"]);
    expect(mergeCodexConfig(readFileSync(file(), "utf8"))).toMatchObject({ ok: true, changed: [] });
  });

  test("the lock of a dead worker expires", async () => {
    write(TEMPLATE);
    const lock = join(home, ".config.toml.lock");
    writeFileSync(lock, "dead");
    const held = manageConfig(home, template);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
    expect(await held).toEqual({ kind: "kept" });
  });

  test("the second look reads and changes nothing", async () => {
    const look = () => policyConfigCheck.run(contextOf({ CODEX_VOLUME_PATH: home }, { cheap: true }));
    expect(await look()).toMatchObject({ status: "failed", found: `${file()} cannot be read (ENOENT)` });
    write(TEMPLATE);
    expect(await look()).toMatchObject({ status: "ok" });
    const changed = TEMPLATE.replace('"never"', '"on-request"');
    write(changed);
    expect(await look()).toMatchObject({ status: "failed", found: 'approval_policy is "on-request"' });
    expect(readFileSync(file(), "utf8")).toBe(changed);
  });

  test("a CODEX_HOME that cannot be a directory", async () => {
    writeFileSync(home, "a file");
    expect(await policyConfigCheck.run(contextOf({ CODEX_VOLUME_PATH: home, CODEX_TEMPLATE_PATH: template }))).toMatchObject({
      status: "failed",
    });
    chmodSync(home, 0o600);
  });

  test("says what was changed", () => {
    expect(judgeManagedConfig("/h", { kind: "merged", changed: [{ key: "approval_policy", from: null, to: '"never"' }] })).toMatchObject({
      status: "ok",
      found: '/h/config.toml: approval_policy = "never" (was not set)',
    });
  });
});

test.each([
  ["Never", "", "ok", "approval policy Never"],
  ["OnRequest", "config loaded", "failed", "approval policy OnRequest"],
  [null, "codex is not on PATH", "failed", "codex doctor names no policy: codex is not on PATH"],
])("policy.effective: %s", (approvalPolicy, configuration, status, found) => {
  expect(judgePolicy({ approvalPolicy, configuration })).toMatchObject({ status, found });
});
