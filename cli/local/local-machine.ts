import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../process/run-program";
import type { Account } from "./account";
import { hasBroker } from "./broker-instance";
import { findPostgres } from "./database-instance";
import type { PostgresPrograms } from "./database-instance";
import { isFree } from "./free-port";

/** What the local engine looked at before it changes anything. */
export interface LocalMachine {
  readonly account: Account;
  readonly platform: string;
  readonly node: string;
  readonly python: { readonly program: string; readonly version: string; readonly venv: boolean } | undefined;
  /** Version of RabbitMQ; undefined when it is not installed or its Erlang is not. */
  readonly broker: string | undefined;
  readonly postgres: PostgresPrograms | undefined;
  /** Versions, or paths where a version is of no interest. */
  readonly npm: string | undefined;
  readonly git: string | undefined;
  readonly jq: string | undefined;
  readonly api: { readonly listen: string; readonly takenByOther: boolean };
  /** Bytes free where the instance is or will be. */
  readonly freeDisk: number;
  /** Whether the tools are installed already. */
  readonly toolsInstalled: boolean;
}

/** The search path of the fleet's programs: that of a plain login, and where this Node.js is. */
export const LOCAL_PATH = [...new Set([path.dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"])].join(":");

/** Looks at everything and changes nothing. */
export async function inspectLocalMachine(needs: {
  readonly account: Account;
  readonly listen: string;
  /** Whether our own API has the port. */
  readonly apiRuns: boolean;
  readonly directory: string;
}): Promise<LocalMachine> {
  const [python, git, jq, npm, broker] = await Promise.all([
    findPython(),
    said("git", ["--version"]),
    said("jq", ["--version"]),
    said("npm", ["--version"]),
    brokerVersion(),
  ]);
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(needs.listen)!;
  return {
    account: needs.account,
    platform: process.platform,
    node: process.versions.node,
    python,
    broker,
    postgres: findPostgres(),
    npm,
    git,
    jq,
    api: { listen: needs.listen, takenByOther: !needs.apiRuns && !(await isFree(Number(port), host)) },
    freeDisk: freeDisk(needs.directory),
    toolsInstalled: existsSync(path.join(needs.directory, "tools")),
  };
}

/** The first Python that will do; else the first there is. */
async function findPython(): Promise<LocalMachine["python"]> {
  const directories = [...new Set([...(process.env["PATH"] ?? "").split(":"), ...LOCAL_PATH.split(":")])];
  const programs = directories.map((directory) => path.join(directory, "python3")).filter(isExecutable);
  let first: LocalMachine["python"];
  for (const program of programs) {
    const test =
      "import sys\ntry:\n import venv, ensurepip\n v = 1\nexcept ImportError:\n v = 0\nprint('%d.%d.%d' % sys.version_info[:3], v)";
    const result = await runCommand(program, ["-c", test], { cwd: "/", timeout: 10_000 });
    const [, version, venv] = /^(\d+\.\d+\.\d+) ([01])/.exec(result.stdout.toString("utf8")) ?? [];
    if (version === undefined) continue;
    const found = { program, version, venv: venv === "1" };
    if (found.venv && Number(version.split(".")[1]) >= 11) return found;
    first ??= found;
  }
  return first;
}

async function brokerVersion(): Promise<string | undefined> {
  if (!hasBroker() || (await said("erl", ["-version"])) === undefined) return undefined;
  const result = await runCommand("dpkg-query", ["-W", "-f=${Version}", "rabbitmq-server"]);
  return result.ok ? result.stdout.toString("utf8").trim() : "version unknown";
}

/** The version a program names; undefined when it cannot be run. */
async function said(program: string, args: readonly string[]): Promise<string | undefined> {
  const result = await runCommand(program, args, { cwd: "/", environment: { PATH: LOCAL_PATH }, timeout: 10_000 });
  if (!result.ok) return undefined;
  return /\d+(\.\d+)+\S*/.exec(`${result.stdout.toString("utf8")} ${result.stderr}`)?.[0] ?? "version unknown";
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function freeDisk(directory: string): number {
  for (let existing = directory; ; existing = path.dirname(existing)) {
    if (!existsSync(existing)) continue;
    const { bavail, bsize } = statfsSync(existing);
    return bavail * bsize;
  }
}
