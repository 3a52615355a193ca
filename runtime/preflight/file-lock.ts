import { randomUUID } from "node:crypto";
import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** In milliseconds. Holders keep the lock for milliseconds only: an older lock belongs to a dead process. */
const STALE = 10_000;
const PAUSE = 20;

/**
 * Runs `work` while only this process holds the lock file. It also excludes containers that share the volume: link(2)
 * puts a complete file in place, and only one process succeeds.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, own, { mode: 0o600 });
  try {
    while (!(await take(own, file))) {
      await removeStale(file);
      await delay(PAUSE);
    }
    try {
      return await work();
    } finally {
      if ((await readFile(file, "utf8").catch(() => "")) === own) await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

function take(own: string, file: string): Promise<boolean> {
  return link(own, file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
}

async function removeStale(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && Date.now() - found.ctimeMs > STALE) await rm(file, { force: true });
}
