import { CodexWorkerStartupProfile, ConfigurationError } from "../../../runtime/contract";
import type { CheckResult } from "../../../runtime/contract";
import { failed, ok, unavailable, warning } from "../../../runtime/preflight/check";
import type { Check, Outcome } from "../../../runtime/preflight/check";
import { CHECKS } from "../../../runtime/preflight/checks";
import { preflightExitCode } from "../../../runtime/preflight/exit-code";
import { preflight } from "../../../runtime/preflight/preflight";
import { preflightReport } from "../../../runtime/preflight/report";
import { checksOf, runPreflight } from "../../../runtime/preflight/run-preflight";
import { startupProfile } from "../../../runtime/preflight/startup-profile";
import { NotYetError, waitFor } from "../../../runtime/preflight/wait-for";
import { readWorkerConfiguration } from "../../../runtime/preflight/worker-configuration";
import { contextOf, scratch } from "./context";

const check = (id: string, run: () => Promise<Outcome>, after: string[] = [], behind: string[] = []): Check => ({
  ...{ id, what: id, workers: ["codex"], refuses: [78], fix: "", after, behind },
  run,
});
const passes = async () => ok("f", "e");

async function run(checks: Check[], onFailure?: () => void): Promise<CheckResult[]> {
  const results = await runPreflight(checks, contextOf({}), undefined, onFailure);
  return results.map(({ result }) => ({ ...result, milliseconds: 0 }));
}

describe("running checks", () => {
  test("side by side, in the order of the table", async () => {
    const order: string[] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const results = await run([
      check("slow", async () => {
        await gate;
        order.push("slow");
        return ok("f", "e");
      }),
      check("quick", async () => {
        order.push("quick");
        release();
        return ok("f", "e");
      }),
    ]);
    expect(order).toEqual(["quick", "slow"]);
    expect(results.map(({ id }) => id)).toEqual(["slow", "quick"]);
  });

  test("a check is skipped and says so when a check it depends on fails", async () => {
    const never = jest.fn(passes);
    const results = await run([
      check("third", never, ["second"]),
      check("second", never, ["first"]),
      check("first", async () => failed("f", "e", "fix")),
    ]);
    expect(never).not.toHaveBeenCalled();
    const blocked = (id: string, by: string) => ({
      id,
      status: "failed",
      found: `not checked, ${by} did not pass`,
      expected: `${by} to pass first`,
      fix: `fix ${by}`,
      milliseconds: 0,
    });
    expect(results).toEqual([
      blocked("third", "second"),
      blocked("second", "first"),
      { id: "first", status: "failed", found: "f", expected: "e", fix: "fix", milliseconds: 0 },
    ]);
  });

  test("a check behind others waits for them; only their own failure skips it, not that they were skipped", async () => {
    const order: string[] = [];
    const told = (id: string) => async () => {
      order.push(id);
      return ok("f", "e");
    };
    const results = await run([
      check("behind what is left out", told("behind what is left out"), [], ["left out"]),
      check("behind what failed", told("behind what failed"), [], ["first"]),
      check("behind what passed", told("behind what passed"), [], ["slow"]),
      check("left out", told("left out"), ["first"]),
      check("first", async () => failed("f", "e", "fix")),
      check("slow", async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return told("slow")();
      }),
    ]);
    expect(results.map(({ id, found }) => [id, found])).toEqual([
      ["behind what is left out", "f"],
      ["behind what failed", "not checked, first did not pass"],
      ["behind what passed", "f"],
      ["left out", "not checked, first did not pass"],
      ["first", "f"],
      ["slow", "f"],
    ]);
    expect(order).toEqual(["behind what is left out", "slow", "behind what passed"]);
  });

  test("a check that depends on an unavailable one is unavailable, one that depends on a warning runs", async () => {
    const results = await run([
      check("away", async () => unavailable("f", "e", "x")),
      check("b", passes, ["away"]),
      check("warned", async () => warning("f", "e", "x")),
      check("d", passes, ["warned", "of another worker"]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["unavailable", "unavailable", "warning", "ok"]);
  });

  test("errors become findings, a failure is told at once", async () => {
    const onFailure = jest.fn();
    const results = await run(
      [
        check("variable", async () => {
          throw new ConfigurationError([{ name: "A", message: "must be b" }]);
        }),
        check("surprise", async () => {
          throw new Error("boom");
        }),
      ],
      onFailure,
    );
    expect(results.map(({ status, found }) => [status, found])).toEqual([
      ["failed", "A: must be b"],
      ["failed", "the check itself failed: boom"],
    ]);
    expect(onFailure).toHaveBeenCalledTimes(2);
  });
});

describe("the table of checks", () => {
  test("ids are stable and unique, and checks depend only on each other", () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(ids).toEqual([
      "tools.record",
      "tools.codex",
      "tools.codex-code-mode-host",
      "tools.gemini",
      "tools.specify",
      "tools.speckit",
      "tools.celery",
      "tools.node",
      "tools.git",
      "speckit.init",
      "skills.selection",
      "skills.speckit",
      "policy.image",
      "policy.config",
      "policy.effective",
      "embedding.credential",
      "network.authorities",
      "network.proxy",
      "queue.speckit",
      "queue.codex",
      "queue.gemini",
      "database.schema",
      "clock.skew",
      "disk.workspaces",
      "home.directory",
      "state.directory",
      "auth.volume",
      "auth.login",
      "gemini.credential",
    ]);
    expect(CHECKS.flatMap(({ after = [], behind = [] }) => [...after, ...behind]).filter((id) => !ids.includes(id))).toEqual([]);
  });

  test("each worker has its own", () => {
    const own = (agent: "codex" | "gemini") =>
      checksOf(CHECKS, agent, false)
        .filter(({ workers }) => workers.length === 1)
        .map(({ id }) => id);
    expect(own("codex")).toEqual(["queue.speckit", "queue.codex", "auth.volume", "auth.login"]);
    expect(own("gemini")).toEqual(["queue.gemini", "gemini.credential"]);
  });

  test("the second look asks no service", () => {
    const ids = checksOf(CHECKS, "codex", true).map(({ id }) => id);
    expect(ids.filter((id) => !id.startsWith("tools."))).toEqual(["policy.image", "policy.config"]);
  });
});

test.each([
  [["ok", "warning"], 0],
  [["ok", "unavailable"], 69],
  [["unavailable", "failed"], 78],
] as const)("exit code of %j", (statuses, code) => {
  expect(preflightExitCode(statuses.map((status) => ({ status })))).toBe(code);
});

describe("waiting", () => {
  test("tries again until it works", async () => {
    let tries = 0;
    const answer = await waitFor(async () => {
      if (++tries < 3) throw new NotYetError("no");
      return tries;
    }, new AbortController().signal);
    expect(answer).toBe(3);
  });

  test("tries once when there is no time, and ends with the last reason", async () => {
    const attempt = jest.fn(async () => {
      throw new NotYetError("still no");
    });
    await expect(waitFor(attempt, AbortSignal.abort())).rejects.toThrow("still no");
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  test("stops during a pause, and passes on other errors at once", async () => {
    const giveUp = new AbortController();
    const waiting = waitFor(async () => {
      setImmediate(() => giveUp.abort());
      throw new NotYetError("no");
    }, giveUp.signal);
    await expect(waiting).rejects.toThrow("no");
    await expect(waitFor(() => Promise.reject(new Error("refused")), new AbortController().signal)).rejects.toThrow("refused");
  });
});

test("variables that are not valid are all named, and nothing else is tried", async () => {
  const onResult = jest.fn();
  const verdict = await preflight({ environment: { POSTGRES_PORT: "x", FLEET_WORKER: "cook" }, depth: "full", wait: true, onResult });
  expect(verdict).toMatchObject({ exitCode: 78, checked: undefined, results: [{ id: "configuration", status: "failed" }] });
  expect(verdict.results[0]!.found).toMatch(/^FLEET_WORKER: .*; POSTGRES_PORT: must be a whole number from 1 to 65535, got "x"$/);
  expect(onResult).toHaveBeenCalledTimes(1);
});

test("a failed check ends the waiting for unreachable services", async () => {
  const environment = {
    PATH: "/nowhere",
    CELERY_BROKER_URL: "amqp://127.0.0.1:1//",
    POSTGRES_HOST: "127.0.0.1",
    POSTGRES_PORT: "1",
    FLEET_WAIT_TIMEOUT: "1h",
  };
  const verdict = await preflight({
    environment: {
      ...environment,
      POSTGRES_PASSWORD: "p",
      SPEC_WORKFLOW_WORKSPACE_ROOT: scratch(),
      FLEET_TOOLING: "/nowhere/tooling.json",
    },
    depth: "full",
    wait: true,
  });
  await verdict.database?.destroy();
  expect(verdict.exitCode).toBe(78);
  const statuses = Object.fromEntries(verdict.results.map(({ id, status }) => [id, status]));
  expect([statuses["tools.record"], statuses["queue.codex"], statuses["database.schema"], statuses["clock.skew"]]).toEqual([
    "failed",
    "unavailable",
    "unavailable",
    "unavailable",
  ]);
});

describe("the startup profile", () => {
  const configuration = readWorkerConfiguration({ FLEET_IMAGE: "fleet:1" }, "host");
  const result = (id: string, status: CheckResult["status"] = "ok"): CheckResult => ({
    id,
    status,
    found: `${id} found`,
    expected: "e",
    fix: status === "ok" ? "" : `${id} fix`,
    milliseconds: 1,
  });
  const started = new Date("2026-01-01T00:00:00Z");

  test("gathers what the checks found out", () => {
    const authVolume = { volumeName: "v", volumePath: "/p", mounted: true, writable: true };
    const embeddingReadiness = { provider: "google", model: "m", ready: true, credentialSource: "google_api_key" as const };
    const speckitCapability = { available: true, version: "1.2.3", skills: ["speckit-plan"] };
    const profile = startupProfile(
      configuration,
      [
        { result: result("tools.codex"), facts: { tool: { name: "codex", path: "/c", version: "1" } } },
        { result: result("queue.speckit"), facts: { queueBindings: [{ queue: "speckit", type: "quorum", ready: true }] } },
        { result: result("queue.codex"), facts: { queueBindings: [{ queue: "codex", type: "classic", ready: true }] } },
        { result: result("auth.login"), facts: { login: "present", authVolume, embeddingReadiness, speckitCapability } },
      ],
      "starting",
      started,
    );
    expect(profile).toEqual({
      worker: "codex@host",
      kind: "codex",
      image: "fleet:1",
      phase: "starting",
      queueBindings: [
        { queue: "speckit", type: "quorum", ready: true },
        { queue: "codex", type: "classic", ready: true },
      ],
      codexPreflight: { status: "passed", message: "auth.login found" },
      speckitCapability,
      embeddingReadiness,
      authVolume,
      tools: { codex: { path: "/c", version: "1" } },
      checks: [result("tools.codex"), result("queue.speckit"), result("queue.codex"), result("auth.login")],
      startedAt: "2026-01-01T00:00:00.000Z",
    });
    expect(CodexWorkerStartupProfile.parse(profile)).toEqual(profile);
  });

  test.each([
    [
      "codex",
      [{ result: result("policy.config", "failed"), facts: {} }],
      "failed",
      "policy.config: policy.config found; policy.config fix",
    ],
    [
      "codex",
      [{ result: result("auth.login", "warning"), facts: { login: "absent" as const } }],
      "waiting_for_login",
      "auth.login found; auth.login fix",
    ],
    ["gemini", [], "skipped", "this worker runs no Codex jobs"],
    ["gemini", [{ result: result("policy.image", "failed"), facts: {} }], "failed", "policy.image: policy.image found; policy.image fix"],
  ] as const)("%s: codexPreflight %#", (worker, results, status, message) => {
    expect(startupProfile({ ...configuration, worker }, results, "starting", started).codexPreflight).toEqual({ status, message });
  });
});

test("the report says what is wrong, what was expected, what to do, and the exit code", () => {
  const results: CheckResult[] = [
    { id: "a", status: "ok", found: "fine", expected: "e", fix: "", milliseconds: 1 },
    { id: "long.id", status: "failed", found: "broken", expected: "whole", fix: "repair it", milliseconds: 1 },
    {
      id: "c",
      status: "failed",
      found: "not checked, long.id did not pass",
      expected: "long.id to pass first",
      fix: "fix long.id",
      milliseconds: 0,
    },
    { id: "d", status: "unavailable", found: "no answer", expected: "one", fix: "start it", milliseconds: 1 },
  ];
  expect(preflightReport("codex@host", results)).toBe(`preflight of codex@host
  ok       a        fine
  FAILED   long.id  broken
           expected: whole
           fix:      repair it
  FAILED   c        not checked, long.id did not pass
  DOWN     d        no answer
           expected: one
           fix:      start it
  no job is accepted, exit code 78: long.id, d
`);
  expect(preflightReport("w", results.slice(0, 1))).toBe("preflight of w\n  ok       a  fine\n  1 checks passed\n");
});
