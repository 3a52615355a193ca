import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const DEBIAN = "/usr/lib/postgresql";

/** The newest PostgreSQL server that Debian's packages have put here. */
export interface PostgresPrograms {
  /** Major version. */
  readonly version: number;
  /** Directory of initdb, postgres and pg_isready. */
  readonly directory: string;
}

export function findPostgres(below: string = DEBIAN): PostgresPrograms | undefined {
  const versions = existsSync(below) ? readdirSync(below).filter((name) => existsSync(path.join(below, name, "bin", "postgres"))) : [];
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  return newest === undefined ? undefined : { version: newest, directory: path.join(below, String(newest), "bin") };
}

/** Arguments of `initdb` for a database whose only user has a password. */
export function initialiseArguments(data: string, user: string, passwordFile: string): string[] {
  const security = ["-U", user, "-A", "scram-sha-256", `--pwfile=${passwordFile}`];
  return ["-D", data, ...security, "-E", "UTF8", "--locale=C", "--no-instructions"];
}

/** Arguments of `postgres` on the loopback interface alone. */
export function serverArguments(data: string, port: number, settings: Readonly<Record<string, string>> = {}): string[] {
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: "", port: String(port), ...settings };
  return ["-D", data, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}
