import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../console/operator-error";
import { runCommand } from "../process/run-program";
import { Apt, AptError } from "./apt";
import type { PlannedPackage } from "./apt";
import { installCommand, NEVER_UNPACKED, PROGRAMS } from "./program-packages";
import type { ProgramName } from "./program-packages";
import { relocate } from "./relocate";

/** A program whose packages were unpacked into the user's cache. */
export interface UnpackedProgram {
  readonly program: ProgramName;
  /** The tree its packages are in: `usr` as in the packages, `bin` with what belongs on a search path. */
  readonly directory: string;
  /** Version of its package. */
  readonly version: string;
}

/** What stands in a tree beside the files. */
interface TreeRecord {
  readonly recipe: number;
  readonly system: string;
  readonly directory: string;
  readonly version: string;
  readonly packages: readonly string[];
}

/** Raised when what is done to unpacked packages changes: trees of another recipe are made anew. */
const RECIPE = 1;
const RECORD = "packages.json";

/** The programs that were unpacked for one user, shared by all that the user's checkouts start. */
export class ProgramCache {
  readonly directory: string;

  /** @param home the user's directory for caches, as XDG_CACHE_HOME names it. */
  constructor(home: string) {
    this.directory = path.join(home, "codex-fleet/packages");
  }

  /** Programs that are here and run on this system. */
  async find(programs: readonly ProgramName[]): Promise<UnpackedProgram[]> {
    const system = await systemRelease();
    const found = programs.map(async (program) => {
      const trees = this.trees(program).flatMap((directory) => readTree(program, directory, system));
      for (const tree of trees) if (await answers(tree)) return [tree];
      return [];
    });
    return (await Promise.all(found)).flat();
  }

  /**
   * Unpacks the packages of programs, each program whole or not at all; nothing of the system changes. What is here already
   * is left as it is. Several may ask at once: one works, the others wait for it.
   *
   * @throws OperatorError when packages cannot be had.
   */
  async provide(programs: readonly ProgramName[], say: (line: string) => void): Promise<UnpackedProgram[]> {
    mkdirSync(this.directory, { recursive: true, mode: 0o755 });
    return withLock(path.join(this.directory, "lock"), say, async () => {
      const there = await this.find(programs);
      const missing = programs.filter((program) => !there.some((tree) => tree.program === program));
      if (missing.length === 0) return there;
      const apt = new Apt(path.join(this.directory, "apt"));
      try {
        const made = await this.unpackAll(apt, missing, say);
        rmSync(path.join(this.directory, "apt"), { recursive: true, force: true });
        return [...there, ...made];
      } catch (error) {
        if (error instanceof AptError)
          throw new OperatorError(`${missing.map((name) => PROGRAMS[name].label).join(", ")} cannot be unpacked: ${error.message}`);
        throw error;
      }
    });
  }

  /** Deletes everything that no process runs from. @returns the directories that are in use and stay. */
  remove(): string[] {
    if (!existsSync(this.directory)) return [];
    const used = readdirSync(this.directory)
      .map((name) => path.join(this.directory, name))
      .filter((directory) => inUse(directory));
    for (const name of readdirSync(this.directory))
      if (!used.includes(path.join(this.directory, name))) rmSync(path.join(this.directory, name), { recursive: true, force: true });
    if (used.length === 0) rmSync(this.directory, { recursive: true, force: true });
    return used;
  }

  private async unpackAll(apt: Apt, programs: readonly ProgramName[], say: (line: string) => void): Promise<UnpackedProgram[]> {
    say("looking for packages");
    const complaints = await apt.update();
    const plans = new Map<ProgramName, PlannedPackage[]>();
    try {
      for (const program of programs) plans.set(program, await planProgram(apt, program));
    } catch (error) {
      // A source that did not answer is the reason, and not that its packages are unknown.
      if (complaints.length > 0 && error instanceof AptError) throw new AptError(complaints.slice(0, 3).join("; "));
      throw error;
    }
    const all = new Map([...plans.values()].flat().map((entry) => [entry.file, entry]));
    let begun = 0;
    say(`downloading ${all.size} packages, ${megabytes([...all.values()])}`);
    await apt.download([...all.values()], (name) => {
      begun += 1;
      const size = [...all.values()].filter((entry) => entry.name === name);
      say(`${String(begun).padStart(4)}/${all.size} ${name}, ${megabytes(size)}`);
    });
    const made: UnpackedProgram[] = [];
    for (const [program, packages] of plans) {
      say(`unpacking ${PROGRAMS[program].label} (${packages.length} packages)`);
      made.push(await this.unpack(program, packages, apt.archives));
    }
    return made;
  }

  private async unpack(program: ProgramName, packages: readonly PlannedPackage[], archives: string): Promise<UnpackedProgram> {
    const digest = createHash("sha256")
      .update(JSON.stringify([RECIPE, this.directory, ...packages.map(({ file }) => file).sort()]))
      .digest("hex")
      .slice(0, 16);
    const directory = path.join(this.directory, `${program}-${digest}`);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const { file } of packages) await must("dpkg-deb", ["--extract", path.join(archives, file), directory]);
    await relocate(program, directory);
    const main = PROGRAMS[program].packages["apt-get"].split(" ")[0]!;
    const version = packages.find(({ name }) => name === main)!.version;
    const record: TreeRecord = {
      recipe: RECIPE,
      system: await systemRelease(),
      directory,
      version,
      packages: packages.map(({ file }) => file),
    };
    const tree = { program, directory, version };
    if (!(await answers(tree)))
      throw new OperatorError(
        `${PROGRAMS[program].label} was unpacked into ${directory} and does not run there: install it instead (${installCommand("apt-get", [program])})`,
        1,
      );
    // A tree without its record is one whose making was interrupted.
    const file = path.join(directory, RECORD);
    writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
    renameSync(`${file}.new`, file);
    for (const old of this.trees(program)) if (old !== directory && !inUse(old)) rmSync(old, { recursive: true, force: true });
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

function readTree(program: ProgramName, directory: string, system: string): UnpackedProgram[] {
  const file = path.join(directory, RECORD);
  if (!existsSync(file)) return [];
  const record = JSON.parse(readFileSync(file, "utf8")) as TreeRecord;
  if (record.recipe !== RECIPE || record.system !== system || record.directory !== directory) return [];
  return [{ program, directory, version: record.version }];
}

const PROBES: Readonly<Record<ProgramName, readonly [program: string, ...args: string[]]>> = {
  rabbitmq: ["bin/erl", "-noshell", "-eval", "{ok, _} = application:ensure_all_started(crypto), halt()."],
  postgres: ["bin/postgres", "--version"],
  python: ["bin/python3", "-c", "import ensurepip, sqlite3, ssl, venv"],
  git: ["bin/git", "--version"],
  jq: ["bin/jq", "--version"],
};

async function answers({ program, directory }: UnpackedProgram): Promise<boolean> {
  const [file, ...args] = PROBES[program];
  return (await runCommand(path.join(directory, file), args, { cwd: "/", timeout: 60_000 })).ok;
}

/** The release and architecture a tree was made for: libraries of another one do not fit. */
async function systemRelease(): Promise<string> {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, "m").exec(release)?.[1] ?? "";
  return [field("ID"), field("VERSION_ID") || field("VERSION_CODENAME"), process.arch].join(" ");
}

/** Whether a process of this machine, as far as it can be seen, runs from a directory. */
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

/** Holds the system's own file lock, which ends with this process however it ends. */
async function withLock<T>(file: string, say: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo locked; cat"], { stdio: ["pipe", "pipe", "inherit"] });
  let held = false;
  const locked = new Promise<void>((resolve, reject) => {
    holder.once("error", reject).once("exit", (code) => reject(new Error(`flock ${file} ended with ${code}`)));
    holder.stdout.once("data", () => {
      held = true;
      resolve();
    });
  });
  void sleep(1_000, undefined, { ref: false }).then(() => held || say("another process unpacks packages: waiting for it"));
  await locked;
  try {
    return await work();
  } finally {
    holder.removeAllListeners("exit").stdin.end();
  }
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const result = await runCommand(program, args);
  if (!result.ok) throw new OperatorError(`${program} ${args.join(" ")} failed: ${result.stderr}`, 1);
}

function megabytes(packages: readonly PlannedPackage[]): string {
  return `${(packages.reduce((sum, { size }) => sum + size, 0) / 1e6).toFixed(1)} MB`;
}
