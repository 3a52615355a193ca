import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PIN_FILES, readPins } from "../../constructs/tool-pins";
import type { PinnedTool } from "../../constructs/tool-pins";
import { runCommand } from "../process/run-program";
import { OperatorError } from "../console/operator-error";
import { lockProblems } from "./check-locks";
import { PINNED_TOOLS, raiseDockerfile, raiseManifest } from "./pinned-tool";
import type { WantedPin } from "./pinned-tool";

/** Locks Python packages for several platforms at once, with digests. */
const UV_VERSION = "0.13.9";
/** Python of the worker image's Debian release. */
const PYTHON_VERSION = "3.13";
const PYTHON_PLATFORMS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

export type Pins = Readonly<Record<PinnedTool, string>>;

export function pinsOf(directory: string): Pins {
  return readPins((file) => readFileSync(path.join(directory, file), "utf8"));
}

/**
 * Raises tools in a directory of manifests and locks everything again. It works on a copy, and changes the directory
 * only when all locks are complete for both architectures.
 *
 * @throws OperatorError that says which lock failed and why; the directory is unchanged.
 */
export async function updatePins(
  directory: string,
  wanted: readonly WantedPin[],
): Promise<{ readonly before: Pins; readonly after: Pins }> {
  const before = pinsOf(directory);
  const scratch = mkdtempSync(path.join(tmpdir(), "codex-fleet-pins-"));
  try {
    copyPins(directory, scratch);
    for (const { tool, version } of wanted) {
      const manifest = path.join(scratch, PINNED_TOOLS[tool].manifest);
      const raised = raiseManifest(readFileSync(manifest, "utf8"), tool, version ?? (await newestVersion(tool, scratch)));
      writeFileSync(manifest, raised);
    }
    const kinds = new Set(wanted.map(({ tool }) => (PINNED_TOOLS[tool].kind === "python" ? "python" : tool)));
    for (const kind of kinds) await (kind === "python" ? lockPython(scratch) : lockNode(scratch, kind));
    const read = (file: string): string => readFileSync(path.join(scratch, file), "utf8");
    const problems = lockProblems({
      codex: read("codex/package-lock.json"),
      gemini: read("gemini/package-lock.json"),
      python: read("python/requirements.txt"),
    });
    if (problems.length > 0) throw new OperatorError(`the new locks cannot be used, nothing was changed:\n  ${problems.join("\n  ")}`);
    const after = pinsOf(scratch);
    copyPins(scratch, directory);
    equalDockerfile(directory, after);
    return { before, after };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Copies manifests and lockfiles. */
export function copyPins(from: string, to: string): void {
  for (const file of PIN_FILES) {
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
    cpSync(path.join(from, file), path.join(to, file));
  }
}

/** Updates the defaults in the package's own Dockerfile; a project's directory of pins has no Dockerfile. */
function equalDockerfile(directory: string, pins: Pins): void {
  const dockerfile = path.join(directory, "Dockerfile");
  if (existsSync(dockerfile)) writeFileSync(dockerfile, raiseDockerfile(readFileSync(dockerfile, "utf8"), pins));
}

async function newestVersion(tool: PinnedTool, scratch: string): Promise<string> {
  const { name, kind } = PINNED_TOOLS[tool];
  if (kind === "npm") return (await succeed(`asking for the newest ${name}`, "npm", ["view", name, "version"])).trim();
  const uv = await installUv(scratch);
  const found = await succeed(`asking for the newest ${name}`, uv, [...COMPILE, "-"], { input: Buffer.from(`${name}\n`), cwd: scratch });
  return new RegExp(`^${name}==([^\\s;\\\\]+)`, "m").exec(found)![1]!;
}

async function lockNode(scratch: string, directory: string): Promise<void> {
  rmSync(path.join(scratch, directory, "package-lock.json"));
  const options = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved"];
  await succeed(`locking ${directory}`, "npm", ["install", ...options], { cwd: path.join(scratch, directory) });
}

const COMPILE = ["pip", "compile", "--quiet", "--universal", "--python-version", PYTHON_VERSION];

async function lockPython(scratch: string): Promise<void> {
  const uv = await installUv(scratch);
  const cwd = path.join(scratch, "python");
  const options = ["--generate-hashes", "--no-annotate", "--upgrade", "--custom-compile-command", "codex-fleet pins update"];
  await succeed("locking python", uv, [...COMPILE, ...options, "requirements.in", "-o", "requirements.txt"], { cwd });
  // The build installs wheels only, so each package needs one for each architecture.
  for (const platform of PYTHON_PLATFORMS) {
    const wheels = [
      "--require-hashes",
      "--no-deps",
      "--only-binary",
      ":all:",
      "--python-platform",
      platform,
      "--python-version",
      PYTHON_VERSION,
    ];
    const target = ["--target", path.join(scratch, platform)];
    await succeed(`checking python for ${platform}`, uv, ["pip", "install", "--dry-run", ...wheels, ...target, "-r", "requirements.txt"], {
      cwd,
    });
  }
}

async function installUv(scratch: string): Promise<string> {
  const venv = path.join(scratch, "uv");
  const uv = path.join(venv, "bin", "uv");
  if (existsSync(uv)) return uv;
  await succeed("making a Python environment", "python3", ["-m", "venv", venv]);
  await succeed("installing uv", path.join(venv, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", `uv==${UV_VERSION}`]);
  return uv;
}

async function succeed(
  what: string,
  program: string,
  args: readonly string[],
  options: { cwd?: string; input?: Buffer } = {},
): Promise<string> {
  // By default uv uses its own certificates and not those this machine trusts.
  const result = await runCommand(program, args, { ...options, environment: { UV_SYSTEM_CERTS: "true", UV_NATIVE_TLS: "true" } });
  if (!result.ok) throw new OperatorError(`${what} failed, nothing was changed: ${result.stderr.split("\n").slice(-12).join("\n")}`, 1);
  return result.stdout.toString("utf8");
}
