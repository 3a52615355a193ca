import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../console/operator-error";
import { runCommand } from "../process/run-program";
import type { Programs } from "./machine";

export interface NewDatabase {
  /** The data directory; if it exists, nothing is done. */
  readonly data: string;
  readonly user: string;
  readonly name: string;
  readonly passwordFile: string;
}

/** Creates a database. After an interruption it starts again; the data directory appears only when it is complete. */
export async function createDatabase(programs: Programs, database: NewDatabase): Promise<void> {
  if (existsSync(database.data)) return;
  const partial = `${database.data}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(path.dirname(partial), { recursive: true, mode: 0o700 });
  await must(programs, "initdb", initialiseArguments(partial, database.user, database.passwordFile));
  if (database.name !== "postgres") {
    // PostgreSQL's single-user mode needs no port and no password.
    const statement = `CREATE DATABASE "${database.name.replaceAll('"', '""')}"\n`;
    await must(programs, "postgres", ["--single", "-D", partial, "postgres"], statement);
  }
  renameSync(partial, database.data);
}

/** Arguments of `initdb` for a database whose only user has a password. */
export function initialiseArguments(data: string, user: string, passwordFile: string): string[] {
  const security = ["-U", user, "-A", "scram-sha-256", `--pwfile=${passwordFile}`];
  return ["-D", data, ...security, "-E", "UTF8", "--locale=C", "--no-instructions"];
}

/** Arguments of `postgres`, which listens only on the loopback interface. */
export function serverArguments(data: string, port: number, settings: Readonly<Record<string, string>> = {}): string[] {
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: "", port: String(port), ...settings };
  return ["-D", data, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

async function must(programs: Programs, program: string, args: readonly string[], input?: string): Promise<void> {
  const result = await runCommand(path.join(programs.postgres, program), args, {
    cwd: "/",
    environment: { ...programs.environment, LC_ALL: "C.UTF-8" },
    ...(input === undefined ? {} : { input: Buffer.from(input) }),
  });
  if (!result.ok || /\bERROR:/.test(result.stderr))
    throw new OperatorError(`${program} did not make the database: ${result.stderr || result.stdout.toString("utf8").trim()}`, 1);
}
