import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAgentProcess } from "../../../runtime/agents/agent-process";
import { openBoundedLog } from "../../../runtime/agents/bounded-log";
import { descendants, parseStat } from "../../../runtime/agents/process-tree";
import { eventually } from "../../support/eventually";

const MINUTE = 60_000;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "agent-process-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function agent(script: string, options: { soft?: number; hard?: number; signal?: AbortSignal; input?: string } = {}) {
  const lines: string[] = [];
  const end = runAgentProcess({
    command: ["bash", "--norc", "-c", script],
    input: options.input ?? "",
    workTree: directory,
    environment: { PATH: process.env["PATH"]! },
    outputLog: join(directory, "events.jsonl"),
    messageLog: join(directory, "messages.log"),
    softLimit: options.soft ?? MINUTE,
    hardLimit: options.hard ?? 2 * MINUTE,
    signal: options.signal ?? new AbortController().signal,
    onLine: (line) => lines.push(line),
  });
  return { end, lines };
}

/** Starts a process in a new session, as an agent's tools do, and writes its id to a file. */
const DETACHED = "setsid sh -c 'echo $$ > tool.pid; exec sleep 300' & while [ ! -s tool.pid ]; do sleep 0.01; done; sleep 0.6;";

async function toolIsDead(): Promise<void> {
  const pid = Number(readFileSync(join(directory, "tool.pid"), "utf8"));
  expect(pid).toBeGreaterThan(1);
  await eventually(() =>
    expect(existsSync(`/proc/${pid}`) && parseStat(pid, readFileSync(`/proc/${pid}/stat`, "utf8")).zombie === false).toBe(false),
  );
}

test("the prompt goes in, lines come out, both are kept", async () => {
  const { end, lines } = agent("cat; echo warning >&2; exit 3", { input: "one\ntwo" });
  expect(await end).toEqual({ exitCode: 3, exitSignal: null, stopped: null, messages: "warning\n" });
  expect(lines).toEqual(["one", "two"]);
  expect(readFileSync(join(directory, "events.jsonl"), "utf8")).toBe("one\ntwo\n");
  expect(readFileSync(join(directory, "messages.log"), "utf8")).toBe("warning\n");
});

test("stdin is at its end after the prompt: nothing waits for a person", async () => {
  const { end, lines } = agent('cat >/dev/null; read -r answer; echo "answer: $answer"');
  expect((await end).exitCode).toBe(0);
  expect(lines).toEqual(["answer: "]);
});

test("at the soft limit it gets SIGINT and may end by itself", async () => {
  const { end, lines } = agent("trap 'echo interrupted; exit 1' INT; while :; do sleep 0.05; done", { soft: 500 });
  expect(await end).toMatchObject({ exitCode: 1, stopped: "soft_limit" });
  expect(lines).toEqual(["interrupted"]);
});

test("one that ignores SIGINT is killed with everything it started", async () => {
  const { end } = agent(`trap '' INT; ${DETACHED} while :; do sleep 0.05; done`, { soft: 1_500, hard: 2_000 });
  expect(await end).toMatchObject({ exitCode: null, exitSignal: "SIGKILL", stopped: "soft_limit" });
  await toolIsDead();
});

test("an abort kills at once", async () => {
  const controller = new AbortController();
  const { end } = agent(`${DETACHED} touch ready; while :; do sleep 0.05; done`, { signal: controller.signal });
  await eventually(() => expect(existsSync(join(directory, "ready"))).toBe(true));
  controller.abort();
  expect(await end).toMatchObject({ exitSignal: "SIGKILL", stopped: "aborted" });
  await toolIsDead();
});

test("processes it leaves running are killed, and their open pipes do not block the end", async () => {
  const { end } = agent(`${DETACHED} exit 0`);
  expect(await end).toMatchObject({ exitCode: 0, stopped: null });
  await toolIsDead();
});

test("a command that is not there is an error", async () => {
  await expect(
    runAgentProcess({
      command: [join(directory, "nowhere")],
      input: "",
      workTree: directory,
      environment: {},
      outputLog: join(directory, "o"),
      messageLog: join(directory, "m"),
      softLimit: MINUTE,
      hardLimit: MINUTE,
      signal: new AbortController().signal,
      onLine: () => undefined,
    }),
  ).rejects.toThrow("ENOENT");
});

test("a log stops at its limit and says so", () => {
  const file = join(directory, "bounded.log");
  const log = openBoundedLog(file, 10);
  log.write("12345\n");
  log.write("123456\n");
  log.write("1\n");
  log.close();
  expect(readFileSync(file, "utf8")).toBe('12345\n{"type":"fleet.log_truncated","limit":10}\n');
});

test("a process' line, whatever its name is", () => {
  const rest = "S 41 7 7 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 98765 0 0";
  expect(parseStat(42, `42 (a) S (b c) ${rest}`)).toEqual({ pid: 42, parent: 41, started: "98765", zombie: false });
  expect(parseStat(42, `42 (sh) ${rest.replace("S", "Z")}`).zombie).toBe(true);
});

test("descendants at any depth, whatever the order", () => {
  const entry = (pid: number, parent: number) => ({ pid, parent, started: "1", zombie: false });
  const table = [entry(5, 4), entry(4, 2), entry(9, 1), entry(2, 1), entry(3, 2)];
  expect(
    descendants(table, new Set([2]))
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual([3, 4, 5]);
});
