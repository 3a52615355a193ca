import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PIN_FILES } from "../../constructs/tool-pins";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { runCommand } from "../process/run-program";
import { OperatorError } from "../console/operator-error";

/** The tools of the worker image, installed below a directory of this machine from the same lockfiles. */
export interface Tools {
  /** First on PATH: codex, gemini, specify, speckit, celery. */
  readonly bin: string;
  /** What they are, as the image records it. */
  readonly record: string;
  /** Gemini's system settings. It reads them only where nobody else can write any directory above. */
  readonly geminiSettings: string;
}

export interface ToolSource {
  /** Directory with `codex`, `gemini` and `python` with their lockfiles, `build` and `etc`. */
  readonly worker: string;
  /** Python 3.11 or later with venv. */
  readonly python: string;
  /** PATH behind the tools' own directory. */
  readonly path: string;
  readonly downloads: Partial<
    Pick<EnvironmentSettings["build"], "npm_registry" | "pip_index_url" | "ca_bundle" | "http_proxy" | "https_proxy" | "no_proxy">
  >;
}

const COMPLETE = "complete";
const GEMINI_SETTINGS = "etc/gemini-cli/settings.json";

/**
 * Name for a directory of tools: another one when a lockfile, the way of recording or this machine's own programs change.
 *
 * @param versions of the machine's programs that the record names too.
 */
export function toolsFingerprint(worker: string, versions: readonly string[]): string {
  const hash = createHash("sha256").update(`${process.arch} ${versions.join(" ")}`);
  for (const file of [...PIN_FILES, "build/record-tooling.mjs", GEMINI_SETTINGS])
    hash.update(`\0${file}\0`).update(readFileSync(path.join(worker, file)));
  return hash.digest("hex").slice(0, 16);
}

/**
 * Installs the tools, all or none; where they are complete nothing is done. The first time it needs the registries of npm
 * and Python.
 *
 * @throws OperatorError with what a download or a tool said.
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
  await must(source, source.python, ["-m", "venv", venv]);
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
  // Codex is an optional package for each platform, Gemini's optional ones are not wanted.
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
  // npm passes silently over an optional package it could not download.
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

/** The same program that records the image's tools runs each of them and compares it with its pin. */
async function recordTools(directory: string, { bin, record }: Tools, source: ToolSource): Promise<void> {
  const locks = path.join(directory, "locks");
  mkdirSync(locks);
  const lock = (file: string) => path.join(source.worker, file);
  cpSync(lock("codex/package-lock.json"), path.join(locks, "codex.json"));
  cpSync(lock("gemini/package-lock.json"), path.join(locks, "gemini.json"));
  cpSync(lock("python/requirements.txt"), path.join(locks, "requirements.txt"));
  await must(source, process.execPath, [lock("build/record-tooling.mjs"), locks, record, "self"], directory, {
    PATH: `${bin}:${source.path}`,
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
      PATH: source.path,
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
