import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from "node:fs";

/** What a log may have grown to when its service starts again; then it begins anew beside the one before. In bytes. */
const LIMIT = 5 * 1024 * 1024;
/** As much as 30 lines ever are. In bytes. */
const TAIL = 64 * 1024;

/** Opens the log of a service for the process that will write it; the caller closes the descriptor. */
export function openServiceLog(file: string): number {
  if (existsSync(file) && statSync(file).size > LIMIT) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

/** Size of a log before a service starts: what follows is this start's. */
export function logSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines that stand behind an offset. */
export function lastLines(file: string, offset: number, count: number): string[] {
  if (!existsSync(file)) return [];
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(size < offset ? 0 : offset, size - TAIL);
    const bytes = Buffer.alloc(size - from);
    const read = readSync(descriptor, bytes, 0, bytes.length, from);
    return bytes
      .subarray(0, read)
      .toString("utf8")
      .split(/\r?\n/)
      .filter((line) => line !== "")
      .slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
