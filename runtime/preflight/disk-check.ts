import { mkdir, statfs } from "node:fs/promises";
import { AGENTS, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome } from "./check";
import { writeProbe } from "./write-probe";

const MEBIBYTE = 1 << 20;

/** In bytes: space for a clone, an agent's logs and artifacts. With less, a run would fail halfway. */
export const LEAST_FREE = 256 * MEBIBYTE;

/** What the check sees of a directory that runs write to. */
export interface DiskSighting {
  /** Bytes an unprivileged user may still write; undefined when the directory does not exist. */
  readonly free: number | undefined;
  readonly writeError: string | undefined;
}

/** Runs have disk space and may write. */
export const diskCheck: Check = {
  id: "disk.workspaces",
  what: "the workspace root is writable and has room for a run",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "free room on the workspaces volume, or mount it writable for uid 1000",
  run: async ({ config }) =>
    judgeDisk(config.SPEC_WORKFLOW_WORKSPACE_ROOT, process.getuid?.() ?? 0, await seeDisk(config.SPEC_WORKFLOW_WORKSPACE_ROOT)),
};

export function judgeDisk(path: string, uid: number, seen: DiskSighting): Outcome {
  const expected = `${path} writable by uid ${uid}, ${LEAST_FREE / MEBIBYTE} MiB free`;
  if (seen.free !== undefined && seen.free < LEAST_FREE) {
    return failed(
      `${Math.floor(seen.free / MEBIBYTE)} MiB free at ${path}`,
      expected,
      "free room on the file system of the volume, for example remove work trees of old runs",
    );
  }
  if (seen.writeError !== undefined) {
    return failed(
      `${path} cannot be written (${seen.writeError})`,
      expected,
      `mount the workspaces volume writable, or give it to uid ${uid}; SPEC_WORKFLOW_WORKSPACE_ROOT names the path`,
    );
  }
  return ok(`${Math.floor((seen.free ?? 0) / MEBIBYTE)} MiB free at ${path}`, expected);
}

async function seeDisk(path: string): Promise<DiskSighting> {
  const madeError = await mkdir(path, { recursive: true }).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  const writeError = madeError ?? (await writeProbe(path));
  const found = await statfs(path).catch(() => undefined);
  return { free: found === undefined ? undefined : found.bavail * found.bsize, writeError };
}
