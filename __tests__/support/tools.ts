import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { output } from "./command";

/** The tools of the worker image, installed once on this machine from the same lockfiles. */
export interface Tools {
  /** First on PATH: codex, gemini, specify, speckit, celery. */
  readonly bin: string;
}

const WORKER = join(__dirname, "..", "..", "assets", "worker");
const LOCKS = [
  "codex/package.json",
  "codex/package-lock.json",
  "gemini/package.json",
  "gemini/package-lock.json",
  "python/requirements.txt",
] as const;

/** Installs what is not there yet; the second time it costs nothing. It needs npm's and Python's registries the first time. */
export async function installTools(): Promise<Tools> {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "codex-fleet", "test-tools");
  const directory = join(cache, fingerprint());
  const bin = join(directory, "bin");
  if (existsSync(join(directory, "complete"))) return { bin };
  await mkdir(cache, { recursive: true });
  const building = await mkdtemp(join(cache, "building-"));
  try {
    await Promise.all([installPython(building), installNodePackage(building, "codex"), installNodePackage(building, "gemini")]);
    await mkdir(join(building, "bin"));
    await linkTools(building);
    await writeFile(join(building, "complete"), "");
    await rm(directory, { recursive: true, force: true });
    await rename(building, directory);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return { bin };
}

function fingerprint(): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const lock of LOCKS) hash.update(readFileSync(join(WORKER, lock)));
  return hash.digest("hex").slice(0, 16);
}

async function installPython(directory: string): Promise<void> {
  await output("python3", ["-m", "venv", join(directory, "venv")]);
  const requirements = join(WORKER, "python", "requirements.txt");
  await output(join(directory, "venv", "bin", "python"), [
    ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
    ...["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", requirements],
  ]);
}

async function installNodePackage(directory: string, name: string): Promise<void> {
  const target = join(directory, name);
  await mkdir(target);
  for (const file of ["package.json", "package-lock.json"]) await cp(join(WORKER, name, file), join(target, file));
  // Codex is an optional package for each platform, Gemini's optional ones are not wanted.
  const omit = name === "codex" ? [] : ["--omit=optional"];
  await output("npm", ["ci", "--omit=dev", ...omit, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: target });
}

/** Relative links, and a start of Python programs through its module: the directory is renamed when it is complete. */
async function linkTools(directory: string): Promise<void> {
  const bin = join(directory, "bin");
  const codex = (await output("sh", ["-c", "ls -d codex/node_modules/codex-linux-*/vendor/*/bin"], { cwd: directory })).trim();
  for (const program of ["codex", "codex-code-mode-host"]) await symlink(join("..", codex, program), join(bin, program));
  await symlink("../gemini/node_modules/@google/gemini-cli/bundle/gemini.js", join(bin, "gemini"));
  const programs = { specify: "specify_cli:main", speckit: "specify_cli:main", celery: "celery.__main__:main" };
  for (const [program, entry] of Object.entries(programs)) {
    const [module, name] = entry.split(":");
    const start = `import sys; from ${module} import ${name}; sys.argv[0] = "${program}"; sys.exit(${name}())`;
    await writeFile(join(bin, program), `#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/../venv/bin/python" -c '${start}' "$@"\n`, {
      mode: 0o755,
    });
  }
}
