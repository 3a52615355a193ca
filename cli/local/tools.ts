import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { PIN_FILES } from "../../constructs/tool-pins";
import { OperatorError } from "../console/operator-error";
import { runCommand } from "../process/run-program";
import { packageRoot } from "../project/project";
import type { Account } from "./account";
import type { LocalInstance } from "./instance";
import type { Programs } from "./machine";

/** The tools of the worker image, installed on this machine from the same lockfiles. */
export interface Tools {
  /** First directory on PATH: codex, gemini, specify, speckit, celery. */
  readonly bin: string;
  /** Record of the tools, like tooling.json in the image. */
  readonly record: string;
  /** Gemini's system settings. Gemini reads them only if nobody else can write to any directory above. */
  readonly geminiSettings: string;
}

export interface ToolSource {
  /** Directory with `codex`, `gemini` and `python` with their lockfiles, `build` and `etc`. */
  readonly worker: string;
  readonly programs: Pick<Programs, "python" | "path" | "environment">;
  readonly downloads: Partial<
    Pick<EnvironmentSettings["build"], "npm_registry" | "pip_index_url" | "ca_bundle" | "http_proxy" | "https_proxy" | "no_proxy">
  >;
}

const COMPLETE = "complete";
const GEMINI_SETTINGS = "etc/gemini-cli/settings.json";

/**
 * Name of a directory of tools; it changes with a lockfile, the recording program or this machine's own programs.
 *
 * @param versions Versions of this machine's programs that the record contains too.
 */
export function toolsFingerprint(worker: string, versions: readonly string[]): string {
  const hash = createHash("sha256").update(`${process.arch} ${versions.join(" ")}`);
  for (const file of [...PIN_FILES, "build/record-tooling.mjs", GEMINI_SETTINGS])
    hash.update(`\0${file}\0`).update(readFileSync(path.join(worker, file)));
  return hash.digest("hex").slice(0, 16);
}

/**
 * Installs the tools, unless the directory is complete. The installation needs the registries of npm and Python.
 *
 * @throws OperatorError with the output of the failed download or tool.
 */
export async function installTools(directory: string, source: ToolSource, say: (line: string) => void = () => undefined): Promise<Tools> {
  const tools = {
    bin: path.join(directory, "bin"),
    record: path.join(directory, "tooling.json"),
    geminiSettings: path.join(directory, "gemini-settings.json"),
  };
  if (existsSync(path.join(directory, COMPLETE))) return tools;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(tools.bin, { recursive: true, mode: 0o755 });
  say("installing Codex, Gemini, Spec Kit and Celery from their lockfiles; this downloads 250 MB once");
  await Promise.all([
    installPython(directory, source),
    installNodePackage(directory, "codex", source),
    installNodePackage(directory, "gemini", source),
  ]);
  linkTools(directory, tools.bin);
  cpSync(path.join(source.worker, GEMINI_SETTINGS), tools.geminiSettings);
  await recordTools(directory, tools, source);
  writeFileSync(path.join(directory, COMPLETE), "");
  return tools;
}

async function installPython(directory: string, source: ToolSource): Promise<void> {
  const venv = path.join(directory, "venv");
  await must(source, source.programs.python, ["-m", "venv", venv]);
  const { pip_index_url: index } = source.downloads;
  await must(source, path.join(venv, "bin/python"), [
    ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir"],
    ...["--require-hashes", "--no-deps", "--only-binary", ":all:"],
    ...(index === undefined ? [] : ["--index-url", index]),
    ...["--requirement", path.join(source.worker, "python/requirements.txt")],
  ]);
}

async function installNodePackage(directory: string, name: "codex" | "gemini", source: ToolSource): Promise<void> {
  const target = path.join(directory, name);
  mkdirSync(target);
  for (const file of ["package.json", "package-lock.json"]) cpSync(path.join(source.worker, name, file), path.join(target, file));
  // Codex has one optional package per platform; Gemini's optional packages are not needed.
  const omit = name === "codex" ? [] : ["--omit=optional"];
  const { npm_registry: registry } = source.downloads;
  await must(
    source,
    "npm",
    [
      "ci",
      "--omit=dev",
      ...omit,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      ...(registry === undefined ? [] : ["--registry", registry]),
    ],
    target,
  );
}

function linkTools(directory: string, bin: string): void {
  const modules = path.join(directory, "codex/node_modules");
  const platform = readdirSync(modules).find((name) => name.startsWith("codex-linux-"));
  // npm ignores an optional package it could not download.
  if (platform === undefined) throw new OperatorError("npm did not install the Codex CLI for this platform: is its registry reachable?", 1);
  const vendor = path.join(modules, platform, "vendor");
  const codex = path.join(vendor, readdirSync(vendor)[0]!);
  const links = {
    codex: path.join(codex, "bin/codex"),
    "codex-code-mode-host": path.join(codex, "bin/codex-code-mode-host"),
    rg: path.join(codex, "codex-path/rg"),
    gemini: path.join(directory, "gemini/node_modules/@google/gemini-cli/bundle/gemini.js"),
    specify: path.join(directory, "venv/bin/specify"),
    speckit: path.join(directory, "venv/bin/specify"),
    celery: path.join(directory, "venv/bin/celery"),
  };
  for (const [name, file] of Object.entries(links)) symlinkSync(path.relative(bin, file), path.join(bin, name));
}

/** Records the tools with the same program as in the image, which runs each tool and compares it with its pin. */
async function recordTools(directory: string, { bin, record }: Tools, source: ToolSource): Promise<void> {
  const locks = path.join(directory, "locks");
  mkdirSync(locks);
  const lock = (file: string) => path.join(source.worker, file);
  cpSync(lock("codex/package-lock.json"), path.join(locks, "codex.json"));
  cpSync(lock("gemini/package-lock.json"), path.join(locks, "gemini.json"));
  cpSync(lock("python/requirements.txt"), path.join(locks, "requirements.txt"));
  await must(source, process.execPath, [lock("build/record-tooling.mjs"), locks, record, "self"], directory, {
    PATH: `${bin}:${source.programs.path}`,
  });
}

async function must(
  source: ToolSource,
  program: string,
  args: readonly string[],
  cwd = "/",
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { ca_bundle: ca, http_proxy, https_proxy, no_proxy } = source.downloads;
  const result = await runCommand(program, args, {
    cwd,
    environment: {
      PATH: source.programs.path,
      ...source.programs.environment,
      ...(ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca, PIP_CERT: ca }),
      ...(http_proxy === undefined ? {} : { http_proxy }),
      ...(https_proxy === undefined ? {} : { https_proxy }),
      ...(no_proxy === undefined ? {} : { no_proxy }),
      ...environment,
    },
  });
  if (result.ok) return;
  const said = `${result.stdout.toString("utf8")}\n${result.stderr}`.trim().split("\n").slice(-20).join("\n");
  throw new OperatorError(
    `the tools could not be installed: ${path.basename(program)} ${args.slice(0, 3).join(" ")} failed\n${said}\n` +
      "a mirror, a proxy or certificates of your own: [build] npm_registry, pip_index_url, http_proxy, https_proxy, ca_bundle; then run the same command again",
    1,
  );
}

/**
 * Copies the fleet's programs to a scratch directory of the account, which may not be able to read the package itself:
 * `runtime` with the bundled programs, and `worker` with the files of the worker image.
 *
 * @param pins Directory with the project's own manifests and lockfiles.
 */
export async function stageProgramFiles(account: Account, pins: string | undefined): Promise<string> {
  const staged = mkdtempSync(path.join(tmpdir(), "codex-fleet-local-"));
  process.once("exit", () => rmSync(staged, { recursive: true, force: true }));
  const worker = path.join(staged, "worker");
  cpSync(path.join(packageRoot(), "assets", "worker"), worker, {
    recursive: true,
    filter: (file) => path.basename(file) !== "__pycache__",
  });
  if (pins !== undefined) for (const file of PIN_FILES) cpSync(path.join(pins, file), path.join(worker, file));
  await bundle(path.join(staged, "runtime"));
  for (const entry of readdirSync(staged, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    // Set the modes, since those of a checkout depend on its umask.
    chmodSync(file, entry.isDirectory() || file.startsWith(path.join(worker, "skills")) ? 0o755 : 0o644);
    if (account.change) chownSync(file, account.uid, account.gid);
  }
  if (account.change) chownSync(staged, account.uid, account.gid);
  return staged;
}

/** Bundles the programs in a checkout; an installed package contains them already. */
async function bundle(target: string): Promise<void> {
  const bundler = path.join(packageRoot(), "tools", "bundle.mjs");
  if (!existsSync(bundler)) return cpSync(path.join(packageRoot(), "dist", "runtime"), target, { recursive: true });
  const result = await runCommand(process.execPath, [bundler, target], { cwd: packageRoot() });
  if (!result.ok) throw new OperatorError(`the programs could not be bundled: ${result.stderr}`, 1);
}

/**
 * Copies staged files into the instance, under a name with a digest of their content, so that running processes keep the
 * files with which they were started.
 *
 * @returns the directory.
 */
export function installProgramFiles(instance: LocalInstance, staged: string): string {
  const directory = instance.at("programs", directoryDigest(staged));
  if (existsSync(directory)) return directory;
  const partial = `${directory}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(path.dirname(directory), { recursive: true, mode: 0o700 });
  cpSync(staged, partial, { recursive: true });
  renameSync(partial, directory);
  return directory;
}

/** Removes all entries of a directory except the one that is still used. */
export function keepOnly(kept: string): void {
  const parent = path.dirname(kept);
  for (const name of readdirSync(parent))
    if (name !== path.basename(kept)) rmSync(path.join(parent, name), { recursive: true, force: true });
}

/** Digest of the names and contents of all files below a directory: the first 16 hex digits of a SHA-256. */
function directoryDigest(directory: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => path.join(entry.parentPath, entry.name)).sort())
    hash
      .update(`${path.relative(directory, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}
