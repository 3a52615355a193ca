import { once } from "node:events";
import { mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Duration, HealthCheck } from "../../../constructs";
import { run } from "../../support/command";

test("defaults, in the provider's form", () => {
  expect(HealthCheck.command(["pg_isready", "-q"])._toTerraform()).toEqual({
    test: ["CMD", "pg_isready", "-q"],
    interval: "5s",
    timeout: "3s",
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
    startInterval: Duration.seconds(1),
  });
  expect(check._toTerraform()).toEqual({
    test: ["CMD-SHELL", "echo $${HOME}"],
    interval: "1m0s",
    timeout: "500ms",
    retries: 5,
    startPeriod: "2m0s",
    startInterval: "1s",
  });
});

test("waits as long as the engine may take to call it unhealthy, and 30 s more", () => {
  const check = HealthCheck.tcp(5672, {
    startPeriod: Duration.minutes(2),
    interval: Duration.seconds(10),
    timeout: Duration.seconds(5),
    retries: 4,
  });
  expect(check.waitTimeout.toSeconds()).toBe(120 + 4 * 15 + 30);
});

describe("probes, run by the real shell", () => {
  const status = async (check: HealthCheck): Promise<number> => {
    const [kind, ...argv] = check.test;
    const [program, ...args] = kind === "CMD" ? argv : ["sh", "-c", argv[0]!];
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
  [
    "no interval",
    () => HealthCheck.tcp(80, { interval: Duration.seconds(0) }),
    "health check interval and timeout must be longer than 0: the engine takes 0 for its own default",
  ],
])("fails for %s", (_, make, message) => {
  expect(make).toThrow(new Error(message));
});
