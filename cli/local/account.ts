import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../process/run-program";
import { OperatorError } from "../console/operator-error";

/** The account that runs the processes of the local engine. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Undefined for a user that is not in the password database; PostgreSQL does not run as such a user. */
  readonly name: string | undefined;
  /** Directory for the instances of this account. */
  readonly dataHome: string;
  /** The account's cache directory. */
  readonly cacheHome: string;
  /** Whether this process, as root, has to change to the account. */
  readonly change: boolean;
}

export function accountWords({ name, uid }: Account): string {
  return name ?? `uid ${uid}`;
}

/** A line of the password database. */
export interface PasswordEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface AccountFacts {
  readonly uid: number;
  readonly gid: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Owner of the project's directory. */
  readonly projectOwner: number;
  readonly entry: (user: number | string) => PasswordEntry | undefined;
  /** Whether a directory exists and belongs to this user. */
  readonly owns: (uid: number, directory: string) => boolean;
}

/** Directory for instances when the account has no home directory. */
const WITHOUT_HOME = "/var/lib/codex-fleet";

/**
 * The account is the current user. For root it is the owner of the project, or `nobody` if that is root too: PostgreSQL
 * refuses root, and agents must not have root's rights.
 *
 * @throws OperatorError when there is no suitable account, or no directory for its data.
 */
export function decideAccount(facts: AccountFacts): Account {
  const { uid, gid, environment } = facts;
  if (uid !== 0) {
    const home = environment["HOME"] ?? facts.entry(uid)?.home ?? "";
    const below = (directory: string) => (path.isAbsolute(home) ? path.join(home, directory) : undefined);
    const data = environment["XDG_DATA_HOME"] ?? below(".local/share");
    if (data === undefined)
      throw new OperatorError("HOME is not set: the local engine keeps its data below ~/.local/share; set HOME or XDG_DATA_HOME");
    const dataHome = path.join(data, "codex-fleet");
    const cacheHome = environment["XDG_CACHE_HOME"] ?? below(".cache") ?? path.join(dataHome, ".cache");
    return { uid, gid, name: facts.entry(uid)?.name, dataHome, cacheHome, change: false };
  }
  const owner = facts.projectOwner === 0 ? undefined : facts.entry(facts.projectOwner);
  const chosen = owner ?? facts.entry("nobody");
  if (chosen === undefined || chosen.uid === 0)
    throw new OperatorError("the local engine does not run as root, and this machine has no user nobody: run it as another user");
  const hasHome = facts.owns(chosen.uid, chosen.home);
  const dataHome = hasHome ? path.join(chosen.home, ".local/share/codex-fleet") : WITHOUT_HOME;
  const cacheHome = path.join(hasHome ? chosen.home : WITHOUT_HOME, ".cache");
  return { uid: chosen.uid, gid: chosen.gid, name: chosen.name, dataHome, cacheHome, change: true };
}

const found = new Map<string, Promise<Account>>();

/** The account for a project on this machine; still the same after `enterAccount`. */
export function findAccount(projectRoot: string): Promise<Account> {
  const account = found.get(projectRoot) ?? lookUpAccount(projectRoot);
  found.set(projectRoot, account);
  return account;
}

async function lookUpAccount(projectRoot: string): Promise<Account> {
  const projectOwner = statSync(projectRoot).uid;
  const uid = process.getuid?.() ?? 0;
  const entries = new Map<number | string, PasswordEntry | undefined>();
  for (const user of new Set([uid, projectOwner, "nobody"])) entries.set(user, await passwordEntry(user));
  return decideAccount({
    uid,
    gid: process.getgid?.() ?? 0,
    environment: process.env,
    projectOwner,
    entry: (user) => entries.get(user),
    owns: (user, directory) => statSync(directory, { throwIfNoEntry: false })?.uid === user,
  });
}

/**
 * Changes from root to the account, permanently; does nothing for any other user. Afterwards root's files are not accessible.
 *
 * @throws OperatorError when the account cannot run the Node.js of this process.
 */
export function enterAccount(account: Account): void {
  if (!account.change || process.getuid?.() === account.uid) return;
  process.setgroups?.([account.gid]);
  process.setgid?.(account.gid);
  process.setuid?.(account.uid);
  process.chdir("/");
  // Directories in root's environment belong to root.
  for (const name of Object.keys(process.env))
    if (name.startsWith("XDG_") || name.startsWith("npm_")) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, { HOME: account.dataHome, USER: accountWords(account), LOGNAME: accountWords(account) });
  try {
    accessSync(process.execPath, constants.X_OK);
  } catch {
    throw new OperatorError(
      `${accountWords(account)} cannot run ${process.execPath}: install Node.js for all users (for example in /usr), or run this as a user other than root`,
    );
  }
}

/**
 * Calls `look` with the account's rights: in a container root often may not inspect other users' processes, but the account
 * may inspect its own. `look` must be synchronous, because the whole program has these rights meanwhile.
 */
export function asAccount<T>(account: Account, look: () => T): T {
  if (!account.change || process.getuid?.() === account.uid) return look();
  process.setegid?.(account.gid);
  process.seteuid?.(account.uid);
  try {
    return look();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

async function passwordEntry(user: number | string): Promise<PasswordEntry | undefined> {
  const result = await runCommand("getent", ["passwd", String(user)]);
  return result.ok ? parsePasswordEntry(result.stdout.toString("utf8")) : undefined;
}

export function parsePasswordEntry(line: string): PasswordEntry | undefined {
  const [name, , uid, gid, , home] = line.trim().split(":");
  if (name === undefined || home === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home };
}
