import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../process/run-program";
import { OperatorError } from "../console/operator-error";
import { initialiseArguments } from "./database-instance";
import type { PostgresPrograms } from "./database-instance";

export interface NewDatabase {
  /** Where it will be; nothing is done when it is there. */
  readonly data: string;
  readonly user: string;
  readonly name: string;
  readonly passwordFile: string;
}

/** Makes a database: all of it or nothing, however often it is interrupted. */
export async function createDatabase({ directory }: PostgresPrograms, database: NewDatabase): Promise<void> {
  if (existsSync(database.data)) return;
  const partial = `${database.data}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(path.dirname(partial), { recursive: true, mode: 0o700 });
  await must(path.join(directory, "initdb"), initialiseArguments(partial, database.user, database.passwordFile));
  if (database.name !== "postgres") {
    // The server for one user needs no port and asks for no password.
    const statement = `CREATE DATABASE "${database.name.replaceAll('"', '""')}"\n`;
    await must(path.join(directory, "postgres"), ["--single", "-D", partial, "postgres"], statement);
  }
  renameSync(partial, database.data);
}

async function must(program: string, args: readonly string[], input?: string): Promise<void> {
  const result = await runCommand(program, args, {
    cwd: "/",
    environment: { LC_ALL: "C.UTF-8" },
    ...(input === undefined ? {} : { input: Buffer.from(input) }),
  });
  if (!result.ok || /\bERROR:/.test(result.stderr))
    throw new OperatorError(
      `${path.basename(program)} did not make the database: ${result.stderr || result.stdout.toString("utf8").trim()}`,
      1,
    );
}
