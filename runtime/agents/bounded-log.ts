import { closeSync, openSync, writeSync } from "node:fs";

/** Maximum size of one log of an agent. @default 64 MiB */
export const LOG_LIMIT = 64 * 1024 * 1024;

export interface BoundedLog {
  /** Appends until the limit; then one line says that the log is truncated, and the rest is dropped. */
  write(text: string): void;
  close(): void;
}

/** Opens a new log file and replaces one of an earlier attempt. */
export function openBoundedLog(file: string, limit: number = LOG_LIMIT): BoundedLog {
  const descriptor = openSync(file, "w", 0o640);
  let written = 0;
  let full = false;
  return {
    write(text) {
      if (full) return;
      const bytes = Buffer.from(text);
      if (written + bytes.length > limit) {
        full = true;
        writeSync(descriptor, `${JSON.stringify({ type: "fleet.log_truncated", limit })}\n`);
        return;
      }
      written += bytes.length;
      writeSync(descriptor, bytes);
    },
    close: () => closeSync(descriptor),
  };
}
