import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { OperatorError } from "../console/operator-error";
import { runCommand } from "../process/run-program";
import { Apt, AptError } from "./apt";
import type { PlannedPackage } from "./apt";
import { findPackageManager } from "./package-manager";
import { installationCommand, NEVER_UNPACKED, PROGRAMS } from "./program-packages";
import type { ProgramName } from "./program-packages";
import { relocate } from "./relocate";

/** A program whose packages were unpacked into the user's cache. */
export interface UnpackedProgram {
  readonly program: ProgramName;
  /** Root directory of its unpacked packages. */
  readonly directory: string;
  /** Directory for PATH. */
  readonly bin: string;
  /** Version of its package. */
  readonly version: string;
}

/** Record in a complete directory of unpacked packages. */
interface TreeRecord {
  readonly recipe: number;
  readonly system: string;
  readonly directory: string;
  readonly version: string;
  readonly packages: readonly string[];
}

/** Raise it when the treatment of unpacked packages changes; packages of another recipe are unpacked again. */
const RECIPE = 1;
const RECORD = "packages.json";

/** This user's cache directory. */
export function userCacheHome(environment: NodeJS.ProcessEnv = process.env): string {
  return environment["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache");
}

/** Unpacked programs of one user, shared by all of the user's checkouts. */
export class ProgramCache {
  readonly directory: string;

  /** @param home The user's cache directory. */
  constructor(home: string) {
    this.directory = path.join(home, "codex-fleet/packages");
  }

  /** Those of the given programs that are in the cache and run on this system. */
  async find(programs: readonly ProgramName[]): Promise<UnpackedProgram[]> {
    const system = systemRelease();
    const found = programs.map(async (program) => {
      for (const directory of this.trees(program)) {
        const tree = readTree(program, directory, system);
        if (tree !== undefined && (await answers(tree))) return [tree];
      }
      return [];
    });
    return (await Promise.all(found)).flat();
  }

  /**
   * Unpacks the packages of programs that are not in the cache, each program completely or not at all, without a change of
   * the system. Of several concurrent processes one works and the others wait for it.
   *
   * @throws OperatorError when packages cannot be downloaded.
   */
  async provide(programs: readonly ProgramName[], say: (line: string) => void): Promise<UnpackedProgram[]> {
    const there = await this.find(programs);
    if (there.length === programs.length) return there;
    const manager = findPackageManager();
    if (manager !== "apt-get") throw new OperatorError(`${labels(programs)} missing: ${installationCommand(manager, programs)}`);
    mkdirSync(this.directory, { recursive: true });
    return withLock(path.join(this.directory, "lock"), say, async (lock) => {
      const found = await this.find(programs);
      const missing = programs.filter((program) => !found.some((tree) => tree.program === program));
      const directory = path.join(this.directory, "apt");
      try {
        const made = missing.length === 0 ? [] : await this.unpackAll(new Apt(directory, lock), missing, say);
        rmSync(directory, { recursive: true, force: true });
        return [...found, ...made];
      } catch (error) {
        if (!(error instanceof AptError)) throw error;
        throw new OperatorError(
          `the packages of ${labels(missing)} cannot be downloaded: ${error.message}\ninstall them (${installationCommand("apt-get", missing)}), or fix the cause (network, package sources, proxy of apt) and run the same command again`,
        );
      }
    });
  }

  /**
   * Deletes every program that no process is using.
   *
   * @returns the programs that are in use and therefore stay.
   */
  remove(): ProgramName[] {
    if (!existsSync(this.directory)) return [];
    const names = readdirSync(this.directory);
    const used = names.filter((name) => inUse(path.join(this.directory, name)));
    for (const name of names) if (!used.includes(name)) discard(path.join(this.directory, name));
    if (used.length === 0) rmSync(this.directory, { recursive: true, force: true });
    const parent = path.dirname(this.directory);
    if (readdirSync(parent).length === 0) rmdirSync(parent);
    return used.map((name) => name.split("-")[0] as ProgramName);
  }

  private async unpackAll(apt: Apt, programs: readonly ProgramName[], say: (line: string) => void): Promise<UnpackedProgram[]> {
    say(`not installed: ${labels(programs)}; unpacking their packages into ${this.directory}, nothing on this system changes`);
    say(`  asking ${(await apt.prepare()).join(", ") || "no package source: none is configured"}`);
    const complaints = await apt.update();
    const plans = new Map<ProgramName, PlannedPackage[]>();
    try {
      for (const program of programs) plans.set(program, await planProgram(apt, program));
    } catch (error) {
      // Report the sources that did not answer, since that is why packages are unknown.
      if (complaints.length > 0 && error instanceof AptError) throw new AptError(complaints.slice(0, 3).join("\n"));
      throw error;
    }
    const all = new Map([...plans.values()].flat().map((entry) => [entry.name, entry]));
    say(`  downloading ${all.size} packages, ${megabytes([...all.values()])}`);
    let begun = 0;
    await apt.download([...all.values()], (name) => {
      begun += 1;
      say(`${String(begun).padStart(7)}/${all.size} ${name}, ${megabytes([all.get(name)!])}`);
    });
    const made: UnpackedProgram[] = [];
    for (const [program, packages] of plans) {
      say(`  unpacking ${PROGRAMS[program].label}`);
      made.push(await this.unpack(apt, program, packages));
    }
    return made;
  }

  private async unpack(apt: Apt, program: ProgramName, packages: readonly PlannedPackage[]): Promise<UnpackedProgram> {
    const files = packages.map(({ file }) => file).sort();
    const digest = createHash("sha256")
      .update(JSON.stringify([RECIPE, this.directory, files]))
      .digest("hex");
    const directory = path.join(this.directory, `${program}-${digest.slice(0, 16)}`);
    discard(directory);
    mkdirSync(directory);
    for (const entry of packages) await apt.extract(entry, directory);
    await relocate(program, directory);
    const { version } = packages.find(({ name }) => name === PROGRAMS[program].packages["apt-get"].split(" ")[0])!;
    const tree = { program, directory, bin: path.join(directory, "bin"), version };
    if (!(await answers(tree)))
      throw new OperatorError(
        `${PROGRAMS[program].label} was unpacked into ${directory} and does not run there; install it instead: ${installationCommand("apt-get", [program])}`,
      );
    // A directory without this file is incomplete.
    const record: TreeRecord = { recipe: RECIPE, system: systemRelease(), directory, version, packages: files };
    writeFileSync(path.join(directory, `${RECORD}.new`), `${JSON.stringify(record, undefined, 2)}\n`);
    renameSync(path.join(directory, `${RECORD}.new`), path.join(directory, RECORD));
    for (const old of this.trees(program)) if (old !== directory && !inUse(old)) discard(old);
    return tree;
  }

  private trees(program: ProgramName): string[] {
    if (!existsSync(this.directory)) return [];
    return readdirSync(this.directory)
      .filter((name) => name.startsWith(`${program}-`))
      .map((name) => path.join(this.directory, name));
  }
}

async function planProgram(apt: Apt, program: ProgramName): Promise<PlannedPackage[]> {
  const { packages, beside, leaveOut } = PROGRAMS[program];
  const planned = await apt.plan([...packages["apt-get"].split(" "), ...beside]);
  return planned.filter(({ name }) => !leaveOut.test(name) && !NEVER_UNPACKED.test(name));
}

function readTree(program: ProgramName, directory: string, system: string): UnpackedProgram | undefined {
  const file = path.join(directory, RECORD);
  if (!existsSync(file)) return undefined;
  const record = JSON.parse(readFileSync(file, "utf8")) as TreeRecord;
  if (record.recipe !== RECIPE || record.system !== system || record.directory !== directory) return undefined;
  return { program, directory, bin: path.join(directory, "bin"), version: record.version };
}

/** Commands that check whether a program runs with its libraries, from packages or from the system. */
const PROBES: Readonly<Record<ProgramName, readonly [program: string, ...args: string[]]>> = {
  rabbitmq: ["erl", "-noshell", "-eval", "{ok, _} = application:ensure_all_started(crypto), halt()."],
  postgres: ["postgres", "--version"],
  python: ["python3", "-c", "import ensurepip, sqlite3, ssl, venv, zoneinfo; zoneinfo.ZoneInfo('UTC')"],
  git: ["git", "--version"],
  jq: ["jq", "--version"],
};

async function answers({ program, bin }: UnpackedProgram): Promise<boolean> {
  const [name, ...args] = PROBES[program];
  return (await runCommand(path.join(bin, name), args, { cwd: "/", timeout: 60_000 })).ok;
}

/** The system's release and architecture, for which a program is unpacked: its libraries depend on the system's. */
function systemRelease(): string {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, "m").exec(release)?.[1] ?? "";
  return [field("ID"), field("VERSION_ID") || field("VERSION_CODENAME"), process.arch].join(" ");
}

/** Whether a process uses files of a directory, as far as this user can see. */
function inUse(directory: string): boolean {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/maps`, "utf8").includes(`${directory}/`);
      } catch {
        return false;
      }
    });
}

/** Renames a directory and deletes it, so that an interruption leaves no partial directory under the old name. */
function discard(directory: string): void {
  if (!existsSync(directory)) return;
  const removed = path.join(path.dirname(directory), `.removed-${process.pid}`);
  rmSync(removed, { recursive: true, force: true });
  renameSync(directory, removed);
  rmSync(removed, { recursive: true, force: true });
}

/**
 * Holds a lock (flock) on a file, which the system releases when this process ends.
 *
 * @param work Gets the file's descriptor; programs that inherit it hold the lock too.
 */
async function withLock<T>(file: string, say: (line: string) => void, work: (descriptor: number) => Promise<T>): Promise<T> {
  const descriptor = openSync(file, "a");
  const lock = (...how: string[]) => {
    const child = spawn("flock", ["--exclusive", ...how, "3"], { stdio: ["ignore", "ignore", "inherit", descriptor] });
    return new Promise<boolean>((resolve, reject) => {
      child.once("error", reject).once("exit", (code) => resolve(code === 0));
    });
  };
  try {
    if (!(await lock("--nonblock"))) {
      say("another process is unpacking packages: waiting for it");
      if (!(await lock())) throw new Error(`${file} cannot be locked`);
    }
    return await work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function labels(programs: readonly ProgramName[]): string {
  return programs.map((name) => PROGRAMS[name].label).join(", ");
}

function megabytes(packages: readonly PlannedPackage[]): string {
  return `${(packages.reduce((sum, { size }) => sum + size, 0) / 1e6).toFixed(1)} MB`;
}
