import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { eventually } from "../support/eventually";
import { freePort } from "../support/free-port";
import { startPostgres } from "../support/postgres";
import type { PostgresServer } from "../support/postgres";

jest.setTimeout(60_000);

const PROGRAM_ENVIRONMENT = { PATH: process.env["PATH"]! };
let directory: string;
let program: string;
let postgres: PostgresServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "fleet-api-"));
  program = join(directory, "api.js");
  // As in the image: one file without node_modules.
  buildSync({
    entryPoints: [join(__dirname, "../../runtime/api/main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["pg-native"],
  });
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("wrong configuration: every problem in words, exit 78", async () => {
  const { code, lines } = await runToEnd({ FLEET_API_LISTEN: "here", POSTGRES_PORT: "x", RABBITMQ_PASSWORD: "hidden" });
  expect(code).toBe(78);
  expect(lines.map((line) => [line["level"], line["variable"]])).toEqual([
    ["fatal", "POSTGRES_PORT"],
    ["fatal", "POSTGRES_PASSWORD"],
    ["fatal", "FLEET_API_LISTEN"],
    ["fatal", "FLEET_API_TOKEN"],
  ]);
  expect(lines[0]!["msg"]).toBe('POSTGRES_PORT: must be a whole number from 1 to 65535, got "x"');
});

test("a database that stays unreachable: exit 69 when the waiting time is over", async () => {
  const { code, lines } = await runToEnd({ ...(await environment()), POSTGRES_PORT: String(await freePort()), FLEET_WAIT_TIMEOUT: "1s" });
  expect(code).toBe(69);
  expect(lines.at(-1)!["msg"]).toMatch(/^the database did not answer within 1 s \(FLEET_WAIT_TIMEOUT\): /);
});

test("a database that refuses the password: exit 78 at once", async () => {
  const { code } = await runToEnd({ ...(await environment()), POSTGRES_PASSWORD: "wrong" });
  expect(code).toBe(78);
});

test("serves without a broker, says so, and ends cleanly on SIGTERM", async () => {
  const variables = await environment();
  const child = start(variables);
  const output = collect(child);
  const url = `http://${variables.FLEET_API_LISTEN}`;
  await eventually(async () => expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "alive" }));
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  const { reasons } = (await ready.json()) as { reasons: string[] };
  expect(reasons).toEqual([expect.stringMatching(/^the broker cannot be used: /)]);
  const headers = { authorization: `Bearer ${variables.FLEET_API_TOKEN}`, "content-type": "application/json" };
  const accepted = await fetch(`${url}/api/workflows/speckit/runs`, { method: "POST", headers, body: '{"repository":"acme/shop"}' });
  expect(accepted.status).toBe(202);
  child.kill("SIGTERM");
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  expect([code, signal]).toEqual([0, null]);
  for (const secret of [variables.FLEET_API_TOKEN, variables.POSTGRES_PASSWORD!, variables.RABBITMQ_PASSWORD]) {
    expect(output()).not.toContain(secret);
  }
});

async function environment() {
  return {
    ...postgres.environment,
    CELERY_BROKER_URL: `amqp://127.0.0.1:${await freePort()}//`,
    RABBITMQ_USER: "api",
    RABBITMQ_PASSWORD: "broker-password-to-hide",
    FLEET_API_TOKEN: "api-token-to-hide",
    FLEET_API_LISTEN: `127.0.0.1:${await freePort()}`,
  } as Record<string, string> & { FLEET_API_LISTEN: string; FLEET_API_TOKEN: string; RABBITMQ_PASSWORD: string };
}

function start(variables: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [program], {
    cwd: directory,
    env: { ...PROGRAM_ENVIRONMENT, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  return () => text;
}

async function runToEnd(variables: Record<string, string>): Promise<{ code: unknown; lines: Record<string, unknown>[] }> {
  const options = { cwd: directory, env: { ...PROGRAM_ENVIRONMENT, ...variables }, timeout: 30_000 };
  const parse = (text: string) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return promisify(execFile)(process.execPath, [program], options).then(
    ({ stdout }) => ({ code: 0, lines: parse(stdout) }),
    (error: { code: unknown; stdout: string }) => ({ code: error.code, lines: parse(error.stdout) }),
  );
}
