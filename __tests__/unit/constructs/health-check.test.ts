import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Duration, HealthCheck } from "../../../constructs";
import { run } from "../../support/command";

test("one probe checks many times, and says healthy as soon as it is", () => {
  expect(HealthCheck.command(["pg_isready", "-q"])._toTerraform()).toEqual({
    test: [
      ...["CMD", "sh", "-c"],
      `check() {
  timeout -k 1 3 "$@" && return
  case $? in 124 | 137 | 143) echo "no answer within 3 s" >&2; exit 1; esac
  return 1
}
i=0
if rm /dev/shm/healthy 2>/dev/null; then
  while [ $((i += 1)) -le 20 ]; do check "$@" || exit 1; sleep 3; done
else
  until check "$@"; do [ $((i += 1)) -lt 10 ] || exit 1; sleep 0.5; done
fi
touch /dev/shm/healthy`,
      ...["probe", "pg_isready", "-q"],
    ],
    interval: "1s",
    timeout: "2m10s",
    retries: 3,
    startPeriod: "30s",
  });
});

test("every option is written", () => {
  const check = HealthCheck.shell("echo ${HOME}", {
    interval: Duration.seconds(60),
    timeout: Duration.milliseconds(500),
    retries: 5,
    startPeriod: Duration.minutes(2),
  });
  const { test: argv, ...rest } = check._toTerraform();
  expect({ rest, check: argv?.slice(4), lines: argv?.[3]?.split("\n").filter((line) => /timeout|while/.test(line)) }).toEqual({
    rest: { interval: "1s", timeout: "1m10.5s", retries: 5, startPeriod: "2m0s" },
    check: ["probe", "sh", "-c", "echo $${HOME}"],
    lines: ['  timeout -k 1 0.5 "$@" && return', '  while [ $((i += 1)) -le 1 ]; do check "$@" || exit 1; sleep 60; done'],
  });
});

test("waits as long as the engine may take to call it unhealthy, and 30 s more", () => {
  const check = HealthCheck.tcp(5672, { startPeriod: Duration.minutes(2), timeout: Duration.seconds(5), retries: 4 });
  expect(check.waitTimeout.toSeconds()).toBe(120 + 4 * (1 + 5 + 5) + 30);
});

describe("a probe, run by the real shell", () => {
  const OPTIONS = { interval: Duration.milliseconds(50), timeout: Duration.milliseconds(500) };
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "probe-"));
  });
  const file = (name: string): string => path.join(directory, name);
  /** The check passes while there is a file `up`; each one leaves a line in `checks`. */
  const probe = async (passes = "[ -e up ]"): Promise<{ code: number; stderr: string; checks: number; mark: boolean }> => {
    writeFileSync(file("checks"), "");
    const { test: argv } = HealthCheck.shell(`cd ${directory}; echo >>checks; ${passes}`, OPTIONS)._toTerraform();
    const [program, ...args] = argv!.slice(1).map((word) => word.replaceAll("/dev/shm/healthy", file("mark")));
    const { code, stderr } = await run(program!, args);
    return { code, stderr, checks: readFileSync(file("checks"), "utf8").length, mark: existsSync(file("mark")) };
  };

  test("what is not healthy is checked until it is", async () => {
    const result = await probe('[ "$(wc -l <checks)" -gt 2 ]');
    expect(result).toEqual({ code: 0, stderr: "", checks: 3, mark: true });
  });

  test("what does not become healthy has failed after ten checks", async () => {
    expect(await probe()).toEqual({ code: 1, stderr: "", checks: 10, mark: false });
  }, 30_000);

  test("what was healthy is watched, to the end or to the first failure", async () => {
    writeFileSync(file("mark"), "");
    writeFileSync(file("up"), "");
    const watched = await probe('[ -e up ] && [ "$(wc -l <checks)" -lt 5 ]');
    expect(watched).toEqual({ code: 1, stderr: "", checks: 5, mark: false });
    writeFileSync(file("mark"), "");
    const quiet = HealthCheck.command(["true"], { interval: Duration.minutes(2) })._toTerraform().test!;
    expect(quiet[3]).toContain("-le 1 ]");
    const short = quiet.slice(1).map((word) => word.replaceAll("/dev/shm/healthy", file("mark")).replace("sleep 120", "sleep 0"));
    expect({ code: (await run(short[0]!, short.slice(1))).code, mark: existsSync(file("mark")) }).toEqual({ code: 0, mark: true });
  });

  test("what does not answer has failed at once and says so", async () => {
    for (const marked of [false, true]) {
      if (marked) writeFileSync(file("mark"), "");
      expect(await probe("sleep 600")).toEqual({ code: 1, stderr: "no answer within 0.5 s\n", checks: 1, mark: false });
    }
  });
});

describe("checks, run by the real shell", () => {
  const status = async (check: HealthCheck): Promise<number> => {
    const [program, ...args] = check.check;
    return (await run("timeout", ["5", program!, ...args])).code;
  };

  test("heartbeat: fresh is healthy; old, missing are not", async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "heartbeat-")), "heartbeat");
    const check = HealthCheck.heartbeat(file, Duration.seconds(10));
    expect(await status(check)).not.toBe(0);
    writeFileSync(file, "");
    expect(await status(check)).toBe(0);
    const old = Date.now() / 1_000 - 60;
    utimesSync(file, old, old);
    expect(await status(check)).toBe(1);
  });

  test("http and tcp: 200 is healthy; 503 and a closed port are not", async () => {
    const server = createServer((request, response) => response.writeHead(request.url === "/healthz" ? 200 : 503).end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const checks = [HealthCheck.http(port, "/healthz"), HealthCheck.http(port, "/readyz"), HealthCheck.tcp(port)];
    const open = await Promise.all(checks.map(status));
    server.close();
    await once(server, "close");
    const closed = await Promise.all(checks.map(status));
    expect({ open, closed }).toEqual({ open: [0, 1, 0], closed: [1, 1, 1] });
  });
});

test.each([
  ["an empty command", () => HealthCheck.command([]), "health check command must name a program, got an empty list"],
  ["port 0", () => HealthCheck.tcp(0), "port must be a whole number from 1 to 65535, got 0"],
  [
    "a path with a quote",
    () => HealthCheck.http(80, "/a'b"),
    `health check path must be an absolute path of letters, digits, -, _, . and /, got "/a'b"`,
  ],
  [
    "a relative heartbeat",
    () => HealthCheck.heartbeat("x", Duration.seconds(1)),
    'heartbeat file must be an absolute path without blanks, got "x"',
  ],
  ["no retries", () => HealthCheck.tcp(80, { retries: 0 }), "health check retries must be a whole number from 1, got 0"],
  ["no interval", () => HealthCheck.tcp(80, { interval: Duration.seconds(0) }), "health check interval and timeout must be longer than 0"],
])("fails for %s", (_, make, message) => {
  expect(make).toThrow(new Error(message));
});
