import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { OperatorError } from "../console/operator-error";
import type { LocalInstance } from "./instance";
import { isAlive, ownIdentity } from "./process-identity";
import type { ProcessIdentity } from "./process-identity";

/**
 * Does something while no other `up` or `down` works on the instance. A lock of a process that is gone counts for nothing.
 *
 * @throws OperatorError when another one is at work.
 */
export async function withInstanceLock<T>(instance: Pick<LocalInstance, "at" | "environment">, work: () => Promise<T>): Promise<T> {
  const file = instance.at("lock");
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(ownIdentity()), { mode: 0o600 });
  try {
    take(own, file, instance.environment);
    try {
      return await work();
    } finally {
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** A complete file is linked into place, which one process alone can do. */
function take(own: string, file: string, environment: string): void {
  for (;;) {
    try {
      return linkSync(own, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder))
      throw new OperatorError(`process ${holder.pid} is working on ${environment} already: wait for it, or end it`, 1);
    rmSync(file, { force: true });
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
