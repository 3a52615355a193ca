import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PIN_FILES } from "../../constructs/tool-pins";
import { runCommand } from "../process/run-program";
import { OperatorError } from "../console/operator-error";
import { packageRoot } from "../project/project";
import type { Account } from "./account";
import { directoryDigest } from "./directory-digest";
import type { LocalInstance } from "./instance";

/**
 * Copies what the fleet is made of to a scratch directory of the account, which may not be able to read the package
 * itself: `runtime` with the bundled programs, `worker` as it goes into the worker image.
 *
 * @param pins Directory with manifests and lockfiles of one's own.
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
    // Modes of a checkout depend on its umask.
    chmodSync(file, entry.isDirectory() || file.startsWith(path.join(worker, "skills")) ? 0o755 : 0o644);
    if (account.change) chownSync(file, account.uid, account.gid);
  }
  if (account.change) chownSync(staged, account.uid, account.gid);
  return staged;
}

/** In a checkout they are bundled anew; an installed package brings them along. */
async function bundle(target: string): Promise<void> {
  const bundler = path.join(packageRoot(), "tools", "bundle.mjs");
  if (!existsSync(bundler)) return cpSync(path.join(packageRoot(), "dist", "runtime"), target, { recursive: true });
  const result = await runCommand(process.execPath, [bundler, target], { cwd: packageRoot() });
  if (!result.ok) throw new OperatorError(`the programs could not be bundled: ${result.stderr}`, 1);
}

/**
 * Puts staged files into the instance, under a name made from their content: what runs goes on with what it was started
 * from.
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

/** Removes what no process uses any more: everything in a directory but one entry. */
export function keepOnly(kept: string): void {
  const parent = path.dirname(kept);
  for (const name of readdirSync(parent))
    if (name !== path.basename(kept)) rmSync(path.join(parent, name), { recursive: true, force: true });
}
