import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../support/command";
import type { CommandResult } from "../support/command";
import { CTRL_C, CTRL_D, onTerminal } from "../support/terminal";

jest.setTimeout(60_000);

const ROOT = join(__dirname, "../..");
const PROGRAM = [process.execPath, "--import", require.resolve("tsx"), join(ROOT, "cli/codex-fleet.ts")];
const SETTINGS = '[embedding]\nprovider = "none"\n';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "project-"));
  mkdirSync(join(project, "environments"));
  writeFileSync(join(project, "cdktf.json"), "{}\n");
  environments("dev", "staging");
});
afterEach(() => rmSync(project, { recursive: true }));

function environments(...names: string[]): void {
  for (const name of names) writeFileSync(join(project, `environments/${name}.toml`), SETTINGS);
}

function fleet(...args: string[]): Promise<CommandResult> {
  return run(PROGRAM[0]!, [...PROGRAM.slice(1), ...args], { cwd: project, env: { ...process.env, DOCKER_HOST: "unix:///nowhere.sock" } });
}

function typed(...args: string[]): string {
  return [...PROGRAM, ...args].join(" ");
}

test.each<[string[], string]>([
  [["pz"], "unknown command 'pz'; did you mean ps?"],
  [["secrets", "lst", "dev"], "unknown command 'lst'; did you mean list?"],
  [["ps", "--jsn"], "unknown option '--jsn'; did you mean --json?"],
  [["ps", "dev", "more"], "too many arguments for 'ps'. Expected 1 argument but got 2."],
  [["secrets", "set", "dev"], "missing required argument 'secret'"],
  [["up", "--engine", "podman"], "option '--engine <engine>' argument 'podman' is invalid. Allowed choices are docker, local."],
])("wrong usage %j is answered in a line, with exit code 64", async (args, message) => {
  const { code, stdout, stderr } = await fleet(...args);
  expect({ code, stdout, first: stderr.split("\n")[0], lines: stderr.trim().split("\n").length }).toEqual({
    ...{ code: 64, stdout: "", lines: 2 },
    first: `codex-fleet: ${message}`,
  });
});

test("an unknown environment is answered with the nearest and all there are", async () => {
  const file = join(project, "environments/stagin.toml");
  expect(await fleet("ps", "stagin")).toEqual({
    ...{ code: 64, stdout: "" },
    stderr: `codex-fleet: no environment "stagin": ${file} does not exist; did you mean staging? there are dev, staging\n`,
  });
});

test("without a terminal and without a name, several environments are named", async () => {
  const { code, stderr } = await fleet("ps");
  expect(code).toBe(64);
  expect(stderr).toMatch(
    /^codex-fleet: which environment\? there are dev, staging: name one, for example node \S+codex-fleet\.ts ps dev\n$/,
  );
});

test("a person is asked for the environment, by number or name, until there is one", async () => {
  const asked = await onTerminal(
    typed("ps"),
    [
      { at: /which environment\? /, type: "stagin\r" },
      { at: /which environment\? /, type: "2\r" },
    ],
    { cwd: project, env: { DOCKER_HOST: "unix:///nowhere.sock" } },
  );
  expect(asked.shown).toMatch(/^ {2}1 {2}dev\n {2}2 {2}staging\n/);
  expect(asked.shown).toContain('"stagin" is none of them; did you mean staging?');
  expect(asked.shown).toMatch(/codex-fleet: docker ps failed: /);
  expect(asked.code).toBe(1);
});

describe("leaving a question", () => {
  test.each<[string, string, number]>([
    ["Ctrl-C", CTRL_C, 130],
    ["Ctrl-D", CTRL_D, 1],
  ])("with %s at the choice of an environment changes nothing and says so", async (_key, type, code) => {
    const left = await onTerminal(typed("down"), [{ at: /which environment\? /, type }], { cwd: project });
    expect(left.code).toBe(code);
    expect(left.shown).toMatch(/which environment\? [^\n]*\ncodex-fleet: nothing was changed\n$/);
  });

  test.each<[string, string, number]>([
    ["Ctrl-C in the middle of it", `half a token${CTRL_C}`, 130],
    ["Ctrl-D", CTRL_D, 1],
  ])("with %s at a hidden prompt changes nothing and says so", async (_key, type, code) => {
    const left = await onTerminal(typed("secrets", "set", "dev", "github_token"), [{ at: /github_token: $/, type }], { cwd: project });
    expect(left).toEqual({ code, shown: "github_token: \ncodex-fleet: nothing was changed\n" });
  });
});

test("what is typed at a hidden prompt is not shown", async () => {
  const { code, shown } = await onTerminal(
    typed("secrets", "set", "dev", "github_token"),
    [{ at: /github_token: $/, type: "a planted value\r" }],
    { cwd: project, env: { DOCKER_HOST: "unix:///nowhere.sock" } },
  );
  expect(code).toBe(1);
  expect(shown).toMatch(/^github_token: \ncodex-fleet: docker \S+ failed: /);
  expect(shown).not.toContain("planted");
});

test("a reader that closes the pipe ends the program without a stack trace", async () => {
  const child = spawn(PROGRAM[0]!, [...PROGRAM.slice(1), "--help"], { cwd: project, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
});

test("the events of a failed command end with the reason, which also goes to stderr", async () => {
  const { code, stdout, stderr } = await fleet("down", "dev", "--json");
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; code: number; message: string });
  expect({ code, events: events.map(({ event }) => event), exit: events[0]!.code }).toEqual({ code: 1, events: ["failed"], exit: 1 });
  expect(stderr).toBe(`codex-fleet: ${events[0]!.message}\n`);
});
