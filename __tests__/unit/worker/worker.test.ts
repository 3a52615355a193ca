import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pino } from "pino";
import { mergeCodexConfig } from "../../../runtime/contract";
import type { CodexWorkerStartupProfile } from "../../../runtime/contract";
import { startupProfile } from "../../../runtime/preflight/startup-profile";
import { readWorkerConfiguration } from "../../../runtime/preflight/worker-configuration";
import { celeryArguments } from "../../../runtime/worker/celery-process";
import { StateDirectory } from "../../../runtime/worker/state-directory";
import { runWorker } from "../../../runtime/worker/worker";
import { eventually } from "../../support/eventually";

jest.setTimeout(60_000);

/** Touches the file of its queue ($5) as a Celery process does, and ends on SIGTERM or when the test makes it crash. */
const CELERY = `#!/bin/sh
file=$FLEET_STATE_DIRECTORY/consumers/$5
echo "$@" > "$FLEET_STATE_DIRECTORY/$5.arguments"
trap 'rm -f "$file"; [ "$5" = codex ] && sleep "\${DRAIN:-0}"; touch "$FLEET_STATE_DIRECTORY/$5.drained"; exit 0' TERM
while :; do
  [ -e "$FLEET_STATE_DIRECTORY/$5.die" ] && exit 9
  touch "$file"
  sleep 0.05
done
`;
const LOGIN = JSON.stringify({ auth_mode: "chatgpt", tokens: { access_token: "a.b.c", refresh_token: "r" } });
const managed = mergeCodexConfig("");
const CONFIG = managed.ok ? managed.text : "";

interface Running {
  readonly directory: string;
  readonly home: string;
  readonly saved: CodexWorkerStartupProfile[];
  readonly logged: string[];
  readonly exit: Promise<number>;
  stop(): void;
  phase(): string;
}

const running: Running[] = [];
afterEach(async () => {
  for (const worker of running.splice(0)) {
    worker.stop();
    await worker.exit;
  }
});

function startWorker(variables: Record<string, string> = {}): Running {
  const directory = mkdtempSync(join(tmpdir(), "worker-"));
  const [bin, home] = [join(directory, "bin"), join(directory, "home")];
  mkdirSync(bin);
  mkdirSync(home);
  writeFileSync(join(bin, "celery"), CELERY);
  chmodSync(join(bin, "celery"), 0o755);
  writeFileSync(join(home, "config.toml"), CONFIG);
  writeFileSync(join(directory, "template.toml"), CONFIG);
  const environment = {
    PATH: bin + delimiter + (process.env["PATH"] ?? ""),
    FLEET_STATE_DIRECTORY: directory,
    CODEX_VOLUME_PATH: home,
    CODEX_TEMPLATE_PATH: join(directory, "template.toml"),
    // The image's requirements have a fixed place, which this machine does not have.
    FLEET_ENGINE: "local",
    FLEET_ENVIRONMENT: "demo",
    HOSTNAME: "box",
    ...variables,
  };
  const configuration = readWorkerConfiguration(environment, "host");
  const profile = startupProfile(configuration, [], "starting", new Date());
  const state = new StateDirectory(directory);
  const stop = new AbortController();
  const [saved, logged]: [CodexWorkerStartupProfile[], string[]] = [[], []];
  const log = pino({}, { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) });
  const waiting =
    configuration.config.CODEX_AUTH === "chatgpt" ? ({ status: "waiting_for_login", message: "" } as const) : profile.codexPreflight;
  const exit = runWorker({
    configuration,
    profile: { ...profile, codexPreflight: waiting },
    environment,
    state,
    log,
    stop: stop.signal,
    beat: 100,
    save: async (kept) => void saved.push(kept),
  });
  const worker = {
    directory,
    home,
    saved,
    logged,
    exit,
    stop: () => stop.abort(),
    phase: () => readFileSync(join(directory, "phase"), "utf8").trim(),
  };
  running.push(worker);
  return worker;
}

const reaches = (worker: Running, phase: string) => eventually(() => expect(worker.phase()).toBe(phase));
const consumed = (worker: Running) =>
  ["speckit", "codex", "gemini"].filter((queue) => existsSync(join(worker.directory, "consumers", queue)));

test("consumes every queue with a process of its own, and says so everywhere", async () => {
  const worker = startWorker({ CODEX_AUTH: "none", SPEC_WORKFLOW_CODEX_QUEUE: "heavy" });
  await reaches(worker, "consuming");
  expect(readFileSync(join(worker.directory, "heavy.arguments"), "utf8")).toBe(`${celeryArguments("heavy", undefined).join(" ")}\n`);
  expect(existsSync(join(worker.directory, "heartbeat"))).toBe(true);
  expect(JSON.parse(readFileSync(join(worker.directory, "profile.json"), "utf8"))).toMatchObject({
    worker: "codex@host",
    phase: "consuming",
  });
  expect(worker.saved.map(({ phase }) => phase)).toEqual(["consuming"]);
  expect(worker.logged).toEqual(["ready: consuming speckit, heavy"]);
});

test("a stop waits for what the processes still do, and ends with 0", async () => {
  const worker = startWorker({ CODEX_AUTH: "none", DRAIN: "0.5" });
  await reaches(worker, "consuming");
  worker.stop();
  expect(await worker.exit).toBe(0);
  expect(worker.phase()).toBe("stopping");
  expect(existsSync(join(worker.directory, "codex.drained"))).toBe(true);
  expect(existsSync(join(worker.directory, "speckit.drained"))).toBe(true);
});

test("a process that dies ends the worker: the others stop cleanly, the worker has its exit code", async () => {
  const worker = startWorker({ CODEX_AUTH: "none" });
  await reaches(worker, "consuming");
  writeFileSync(join(worker.directory, "codex.die"), "");
  expect(await worker.exit).toBe(9);
  expect(existsSync(join(worker.directory, "speckit.drained"))).toBe(true);
  expect(worker.logged.at(-1)).toBe("the Celery process of the queue codex ended with 9");
});

test("celery that cannot be started is a death", async () => {
  expect(await startWorker({ CODEX_AUTH: "none", PATH: "/nowhere" }).exit).toBe(127);
});

test("without a login the light queue is consumed, and the worker goes on by itself after it", async () => {
  const worker = startWorker();
  await reaches(worker, "waiting_for_login");
  await eventually(() => expect(existsSync(join(worker.directory, "heartbeat"))).toBe(true));
  expect(consumed(worker)).toEqual(["speckit"]);
  expect(worker.logged).toEqual(["waiting for a login, no Codex job is taken until then: codex-fleet login demo"]);
  writeFileSync(join(worker.home, "auth.json"), LOGIN);
  await reaches(worker, "consuming");
  expect(consumed(worker)).toEqual(["speckit", "codex"]);
  expect(worker.saved.at(-1)?.codexPreflight).toEqual({ status: "passed", message: "logged in after the start" });
  rmSync(join(worker.home, "auth.json"));
  await reaches(worker, "waiting_for_login");
  await eventually(() => expect(consumed(worker)).toEqual(["speckit"]));
});

test("a changed policy stops consuming of the agent's queue until it is restored", async () => {
  const worker = startWorker({ CODEX_AUTH: "none" });
  await reaches(worker, "consuming");
  const file = join(worker.home, "config.toml");
  writeFileSync(file, `${CONFIG}\n[history]\npersistence = "none"\n`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(worker.phase()).toBe("consuming");
  writeFileSync(file, CONFIG.replace('"never"', '"on-request"'));
  await reaches(worker, "suspended");
  await eventually(() => expect(consumed(worker)).toEqual(["speckit"]));
  expect(worker.logged.at(-1)).toBe(`suspended: ${file}: approval_policy is "on-request", must be "never"`);
  writeFileSync(file, CONFIG);
  await reaches(worker, "consuming");
  rmSync(file);
  await reaches(worker, "suspended");
  expect(worker.logged.at(-1)).toBe(`suspended: ${file} is gone`);
  writeFileSync(file, "[[[");
  await eventually(() => expect(worker.logged.at(-1)).toMatch(/^suspended: .*config\.toml:1:/));
  expect(worker.phase()).toBe("suspended");
});

test("a missing template suspends the worker too", async () => {
  const worker = startWorker({ CODEX_AUTH: "none" });
  await reaches(worker, "consuming");
  const template = join(worker.directory, "template.toml");
  rmSync(template);
  await reaches(worker, "suspended");
  expect(worker.logged.at(-1)).toBe(`suspended: ${template} is gone`);
  writeFileSync(template, CONFIG);
  await reaches(worker, "consuming");
});

test("the gemini worker consumes its own queue alone", async () => {
  const worker = startWorker({ FLEET_WORKER: "gemini", CODEX_HOME: "/nowhere" });
  await reaches(worker, "suspended");
  const own = startWorker({ FLEET_WORKER: "gemini", HOME: "/nowhere", CODEX_HOME: worker.home });
  await reaches(own, "consuming");
  expect(consumed(own)).toEqual(["gemini"]);
});

test("state files of an earlier process are removed", () => {
  const directory = mkdtempSync(join(tmpdir(), "state-"));
  mkdirSync(join(directory, "consumers"));
  for (const name of ["heartbeat", "profile.json", "consumers/codex"]) writeFileSync(join(directory, name), "");
  const state = new StateDirectory(directory);
  expect(["heartbeat", "profile.json", "consumers/codex"].filter((name) => existsSync(join(directory, name)))).toEqual([]);
  expect(readFileSync(join(directory, "phase"), "utf8")).toBe("starting\n");

  const file = join(directory, "consumers", "codex");
  expect(state.isConsumed("codex")).toBe(false);
  writeFileSync(file, "");
  expect(state.isConsumed("codex")).toBe(true);
  const old = new Date(Date.now() - 11_000);
  utimesSync(file, old, old);
  expect(state.isConsumed("codex")).toBe(false);

  state.beat();
  utimesSync(join(directory, "heartbeat"), old, old);
  state.beat();
  expect(statSync(join(directory, "heartbeat")).mtimeMs).toBeGreaterThan(old.getTime());
});

test.each([
  [undefined, "INFO"],
  ["warn", "WARNING"],
  ["DEBUG", "DEBUG"],
])("log level %s is Celery's %s", (level, celery) => {
  expect(celeryArguments("q", level).slice(-2)).toEqual(["--loglevel", celery]);
});
