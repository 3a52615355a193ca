import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { connect, createServer } from "node:net";
import type { SecretConsumer } from "../../runtime/contract";
import { OperatorError } from "../console/operator-error";
import type { FleetEnvironment } from "../project/fleet-environment";
import { findAccount } from "./account";
import type { Account } from "./account";

/** One environment of one project on the local engine. All its data is in one directory. */
export class LocalInstance {
  constructor(
    readonly environment: string,
    /** Root of the project it belongs to. */
    readonly project: string,
    readonly account: Account,
    readonly root: string,
  ) {}

  /** A directory or file of the instance. */
  at(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  secrets(consumer: SecretConsumer): string {
    return this.at("secrets", consumer);
  }

  exists(): boolean {
    return existsSync(this.root);
  }

  /** Creates the directory; as root, gives it to the account. */
  create(): void {
    const made = mkdirSync(this.root, { recursive: true, mode: 0o700 });
    if (made === undefined || !this.account.change) return;
    for (let directory = this.root; directory.startsWith(made); directory = path.dirname(directory))
      chownSync(directory, this.account.uid, this.account.gid);
  }
}

type PlacedEnvironment = Pick<FleetEnvironment, "name" | "project">;

/**
 * The instance of a project's environment on this machine, whether or not it exists yet.
 *
 * @param who Whose it is. @default - whom this process runs its fleets as
 */
export async function findInstance({ name, project }: PlacedEnvironment, who?: Account): Promise<LocalInstance> {
  const account = who ?? (await findAccount(project.root));
  const directory = chooseDirectory(name, project.root, (candidate) => occupantOf(path.join(account.dataHome, candidate)));
  return new LocalInstance(name, project.root, account, path.join(account.dataHome, directory));
}

/** Creates the directory of an environment and records its project in it; two concurrent projects get separate directories. */
export async function claimInstance(environment: PlacedEnvironment, who?: Account): Promise<LocalInstance> {
  for (;;) {
    const instance = await findInstance(environment, who);
    instance.create();
    if (claim(instance)) return instance;
  }
}

/** The other instances of the same account, by the names of their directories. */
export function otherInstances({ root, account }: Pick<LocalInstance, "root" | "account">): string[] {
  if (!existsSync(account.dataHome)) return [];
  return readdirSync(account.dataHome).filter(
    (name) => name !== path.basename(root) && existsSync(path.join(account.dataHome, name, PROJECT_FILE)),
  );
}

/** The project that uses a directory, if it is known; "nobody" if the directory does not exist. */
export type Occupant = "nobody" | { readonly project: string | undefined; readonly projectExists: boolean };

/**
 * Name of an environment's directory: the environment's name for the first project, with a digest of the project's path
 * appended for any other. A directory of no known project, or of one that no longer exists (it was moved), is taken over.
 *
 * @param look Who has a directory of this name.
 */
export function chooseDirectory(environment: string, project: string, look: (name: string) => Occupant): string {
  const beside = `${environment}-${createHash("sha256").update(project).digest("hex").slice(0, 8)}`;
  if (look(beside) !== "nobody") return beside;
  const first = look(environment);
  const ours = first === "nobody" || first.project === undefined || first.project === project || !first.projectExists;
  return ours ? environment : beside;
}

const PROJECT_FILE = "project";

function occupantOf(directory: string): Occupant {
  if (!existsSync(directory)) return "nobody";
  const project = readProject(directory);
  return { project, projectExists: project !== undefined && !isGone(path.join(project, "cdktf.json")) };
}

/** Whether a file certainly does not exist; in a directory that this user may not enter, that is unknown. */
function isGone(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}

function readProject(directory: string): string | undefined {
  try {
    return readFileSync(path.join(directory, PROJECT_FILE), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Claims a directory by link(2) with a complete file, which succeeds for one process only. @returns whether it is this project's. */
function claim(instance: LocalInstance): boolean {
  const file = instance.at(PROJECT_FILE);
  const occupant = occupantOf(instance.root);
  if (occupant !== "nobody" && occupant.project === instance.project) return true;
  const written = `${file}.${process.pid}`;
  writeFileSync(written, `${instance.project}\n`, { mode: 0o600 });
  if (instance.account.change) chownSync(written, instance.account.uid, instance.account.gid);
  try {
    if (occupant !== "nobody" && occupant.project !== undefined && !occupant.projectExists) renameSync(written, file);
    else linkSync(written, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(written, { force: true });
  }
  return readProject(instance.root) === instance.project;
}

/**
 * Runs `work` while no other `up` or `down` works on the instance. The lock is an abstract Unix socket, which only one
 * process can bind and which the kernel releases when that process ends.
 *
 * @throws OperatorError when another process has the lock.
 */
export async function withInstanceLock<T>(instance: Pick<LocalInstance, "root" | "environment">, work: () => Promise<T>): Promise<T> {
  const address = lockAddress(instance.root);
  const lock = createServer((client) => client.on("error", () => undefined).end(String(process.pid)));
  const held = await new Promise<boolean>((resolve) => {
    lock.once("error", () => resolve(false)).listen(address, () => resolve(true));
  });
  if (!held)
    throw new OperatorError(`${await lockHolder(address)} is working on ${instance.environment} already: wait for it, or end it`, 1);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/** The kernel allows 108 bytes. Use all of them, since only some versions of Node.js pad a shorter name. */
function lockAddress(root: string): string {
  return `\0codex-fleet-${createHash("sha512").update(root).digest("hex")}`.slice(0, 108);
}

function lockHolder(address: string): Promise<string> {
  return new Promise((resolve) => {
    let pid = "";
    const socket = connect(address);
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("error", () => undefined).on("data", (text) => (pid += text.toString()));
    socket.once("close", () => resolve(pid === "" ? "another process" : `process ${pid}`));
  });
}
