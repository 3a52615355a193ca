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

/** Everything of one environment of one project on the local engine: deleting its directory deletes all there is. */
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

  /** Makes the directory; as root, it is handed to the account. */
  create(): void {
    const made = mkdirSync(this.root, { recursive: true, mode: 0o700 });
    if (made === undefined || !this.account.change) return;
    for (let directory = this.root; directory.startsWith(made); directory = path.dirname(directory))
      chownSync(directory, this.account.uid, this.account.gid);
  }
}

type PlacedEnvironment = Pick<FleetEnvironment, "name" | "project">;

/**
 * Where an environment of a project is on this machine, whether or not it has ever been up there.
 *
 * @param who Whose it is. @default - whom this process runs its fleets as
 */
export async function findInstance({ name, project }: PlacedEnvironment, who?: Account): Promise<LocalInstance> {
  const account = who ?? (await findAccount(project.root));
  const directory = chooseDirectory(name, project.root, (candidate) => occupantOf(path.join(account.dataHome, candidate)));
  return new LocalInstance(name, project.root, account, path.join(account.dataHome, directory));
}

/** Makes the directory of an environment and writes down whose it is; of two projects at once, each gets its own. */
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

/** Who has a directory: nobody, or a project, as far as that is known. */
export type Occupant = "nobody" | { readonly project: string | undefined; readonly projectExists: boolean };

/**
 * Name of an environment's directory: the environment's own name for the project that came first, one with a digest of the
 * project's path for any other. What belongs to no project, or to one that is not there any more (it was moved), is taken over.
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

/** A file in a directory that this user may not enter is not known to be gone. */
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

/** A complete file is linked into place, which one process alone can do. @returns whether the directory is this project's. */
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
 * Does something while no other `up` or `down` works on the instance. The lock is a socket without a file, which the kernel
 * gives to one process alone and takes back when that ends, however it ends.
 *
 * @throws OperatorError when another one is at work.
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

/** The kernel allows 108 bytes. A shorter name would be padded by some versions of Node.js and not by others. */
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
