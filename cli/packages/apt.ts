import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { runCommand } from "../process/run-program";
import { installedFoundation } from "./installed-foundation";

/** A package to download. */
export interface PlannedPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** Size of the download, in bytes. */
  readonly size: number;
}

/** apt failed; the message is apt's output. */
export class AptError extends Error {}

/**
 * The system's apt, with its sources, keys and proxies, but with a separate state directory: any user can run it, and it does
 * not change the system. It checks signatures of lists and digests of packages as always.
 */
export class Apt {
  private readonly configuration: string;

  /**
   * @param directory Directory for lists and downloads; it may be deleted afterwards.
   * @param lock File descriptor of a lock, inherited by every program that works in the directory, so that the lock is held as
   * long as one of them runs.
   */
  constructor(
    private readonly directory: string,
    private readonly lock: number,
  ) {
    this.configuration = path.join(directory, "apt.conf");
  }

  /** Directory of downloaded packages; existing ones are not downloaded again. */
  get archives(): string {
    return path.join(this.directory, "archives");
  }

  /** Creates the directory and reads the system's configuration. @returns the addresses of its package sources. */
  async prepare(): Promise<string[]> {
    for (const part of ["lists/partial", "cache/archives/partial", "dpkg/updates", "archives"])
      mkdirSync(path.join(this.directory, part), { recursive: true });
    const architecture = (await runCommand("dpkg", ["--print-architecture"])).stdout.toString("utf8").trim();
    writeFileSync(
      path.join(this.directory, "dpkg/status"),
      installedFoundation(readFileSync("/var/lib/dpkg/status", "utf8"), architecture),
    );
    writeFileSync(this.configuration, aptConfiguration(this.directory));
    const { lines } = await this.apt(["--print-uris", "update"]);
    const sources = lines.flatMap((line) => /^'(.+?)\/dists\/[^']*' /.exec(line)?.[1] ?? []);
    return [...new Set(sources.map(withoutPassword))];
  }

  /**
   * Downloads the lists of packages.
   *
   * @returns the errors of single sources; the others may have all packages.
   * @throws AptError when no source answers.
   */
  async update(): Promise<readonly string[]> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_LIMIT * 1000);
    const { complaints } = await this.apt(["update"], {
      each: (line) => {
        if (/^(Get|Hit):/.test(line)) clearTimeout(timer);
      },
      signal: abort.signal,
    });
    clearTimeout(timer);
    if (abort.signal.aborted) throw new AptError(`no package source answered within ${ANSWER_LIMIT} s`);
    const failed = complaints.filter((line) => line.startsWith("Failed to fetch"));
    return failed.length > 0 ? failed : complaints;
  }

  /**
   * The packages to unpack: the given ones, and their dependencies that not every system has.
   *
   * @throws AptError when one of them is in no list.
   */
  async plan(packages: readonly string[]): Promise<PlannedPackage[]> {
    const result = await this.apt(["--yes", "--print-uris", "-qq", "install", ...packages]);
    if (!result.ok) throw new AptError(result.complaints.join("\n"));
    return parsePlan(result.lines);
  }

  /**
   * Downloads packages; apt checks each one's digest against the signed list.
   *
   * @throws AptError with the failed downloads.
   */
  async download(packages: readonly PlannedPackage[], begun: (name: string) => void): Promise<void> {
    const wanted = packages.map(({ name, version }) => `${name}=${version}`);
    const result = await this.apt(["download", ...wanted], {
      each: (line) => {
        const name = /^Get:\d+ \S+ \S+ \S+ (\S+) /.exec(line)?.[1];
        if (name !== undefined) begun(name);
      },
    });
    if (!result.ok) throw new AptError(result.complaints.join("\n"));
  }

  /** Extracts the files of a downloaded package into a directory. */
  async extract({ file }: PlannedPackage, directory: string): Promise<void> {
    const result = await this.run("dpkg-deb", ["--extract", path.join(this.archives, file), directory]);
    if (!result.ok) throw new AptError(`${file}: ${result.complaints.join("\n")}`);
  }

  private apt(args: readonly string[], options?: RunOptions): Promise<Ended> {
    return this.run("apt-get", ["--config-file", this.configuration, "--quiet", ...args], options);
  }

  private async run(program: string, args: readonly string[], { each, signal }: RunOptions = {}): Promise<Ended> {
    const child = spawn(program, args, {
      cwd: this.archives,
      env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe", this.lock],
    });
    signal?.addEventListener("abort", () => child.kill());
    const code = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
    const lines: string[] = [];
    const said: string[] = [];
    createInterface({ input: child.stdout! }).on("line", (line) => {
      lines.push(line);
      each?.(line);
    });
    createInterface({ input: child.stderr! }).on("line", (line) => said.push(line));
    const ok = (await code) === 0;
    const complaints = said.filter((line) => /^[EW]: /.test(line)).map((line) => line.slice(3));
    return { ok, lines, complaints: (complaints.length > 0 || ok ? complaints : said).map(withoutPassword) };
  }
}

interface RunOptions {
  /** Called with each line of stdout. */
  readonly each?: (line: string) => void;
  readonly signal?: AbortSignal;
}

interface Ended {
  readonly ok: boolean;
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
}

function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/)[^/@\s]*@/g, "$1");
}

/** How long a server may be silent before it counts as unreachable, in seconds; apt tries once more. */
const SILENCE = 15;
/** Give up when no source has answered after this time, in seconds: apt would try several sources in sequence. */
const ANSWER_LIMIT = 45;

/** Configuration with which apt writes only to one directory and runs none of the system's hooks. */
export function aptConfiguration(directory: string): string {
  const hooks = ["APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success"];
  const extras = ["DEP-11", "DEP-11-icons", "DEP-11-icons-small", "DEP-11-icons-large", "CNF", "Contents-deb"];
  const settings: readonly (readonly [string, string])[] = [
    ["Dir::State", directory],
    ["Dir::State::Lists", path.join(directory, "lists")],
    ["Dir::State::status", path.join(directory, "dpkg/status")],
    ["Dir::Cache", path.join(directory, "cache")],
    ["Dir::Log", path.join(directory, "log")],
    ["APT::Sandbox::User", ""],
    ["APT::Install-Recommends", "false"],
    ["APT::Get::AllowUnauthenticated", "false"],
    ["Acquire::AllowInsecureRepositories", "false"],
    ["Acquire::Languages", "none"],
    ["Acquire::GzipIndexes", "true"],
    ["Acquire::Retries", "1"],
    ["Acquire::http::Timeout", String(SILENCE)],
    ["Acquire::https::Timeout", String(SILENCE)],
    ...extras.map((name) => [`Acquire::IndexTargets::deb::${name}::DefaultEnabled`, "false"] as const),
  ];
  const lines = [...hooks.map((name) => `#clear ${name};`), ...settings.map(([name, value]) => `${name} "${value}";`)];
  return `${lines.join("\n")}\n`;
}

/** Parses lines of `apt-get --print-uris install`: address, file, size and digest. */
export function parsePlan(lines: readonly string[]): PlannedPackage[] {
  return lines.flatMap((line) => {
    const [, file, name, version, size] = /^'[^']+' (([^_\s]+)_([^_\s]+)_[^_\s]+\.deb) (\d+)/.exec(line) ?? [];
    if (file === undefined) return [];
    return [{ name: name!, version: decodeURIComponent(version!), file, size: Number(size) }];
  });
}
