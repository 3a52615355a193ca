import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { checkCodexConfig, decodeCodexConfig, ExitCode, formatRefusal, mergeCodexConfig } from "../../runtime/contract";
import type { CodexConfigRefusal } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";

/**
 * Checks a file and returns lines to print when every managed setting is right.
 *
 * @throws OperatorError with exit code 78 when one is not, or the file cannot be read.
 */
export function checkFile(file: string): string[] {
  const check = checkCodexConfig(readConfig(file));
  if (check.ok) return [...check.notices.map((notice) => `${file}: ${notice}`), `${file}: every managed setting has its required value`];
  if (check.refusal !== null) throw refused(file, check.refusal);
  const differences = check.differing.map(({ key, from, to }) => `${file}: ${key} is ${from ?? "not set"}, must be ${to}`);
  throw new OperatorError([...differences, `fix: ${COMMAND_NAME} codex-config merge ${file}`].join("\n"), ExitCode.CONFIGURATION);
}

/**
 * Merges the managed settings into a file and says what changed.
 *
 * @throws OperatorError with exit code 78 when the file is refused; then it stays untouched.
 */
export function mergeFile(file: string): string[] {
  const merge = mergeCodexConfig(readConfig(file));
  if (!merge.ok) throw refused(file, merge.refusal);
  if (merge.changed.length === 0) return [`${file}: nothing to change`];
  replaceFile(realpathSync(file), merge.text);
  return merge.changed.map(({ key, from, to }) => `${file}: ${key} was ${from ?? "not set"}, is now ${to}`);
}

function readConfig(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new OperatorError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}): name a config.toml that exists`);
  }
  const decoded = decodeCodexConfig(bytes);
  if (!decoded.ok) throw refused(file, decoded.refusal);
  return decoded.text;
}

/** Replaces a file atomically, so that a reader sees either the old or the new one; keeps owner and mode. */
function replaceFile(file: string, text: string): void {
  const { mode, uid, gid } = statSync(file);
  const temporary = `${file}.codex-fleet-${process.pid}`;
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    writeFileSync(descriptor, text);
    if (process.getuid?.() === 0) fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode & 0o7777);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new OperatorError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code}): it is unchanged`);
  }
}

function refused(file: string, refusal: CodexConfigRefusal): OperatorError {
  return new OperatorError(formatRefusal(file, refusal), ExitCode.CONFIGURATION);
}
