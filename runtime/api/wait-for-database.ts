import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { migrate } from "../store";
import type { Database } from "../store";

/** The database did not answer in time. */
export class DatabaseUnavailableError extends Error {
  constructor(milliseconds: number, cause: unknown) {
    super(`the database did not answer within ${Math.round(milliseconds / 1000)} s (FLEET_WAIT_TIMEOUT): ${reason(cause)}`, { cause });
    this.name = "DatabaseUnavailableError";
  }
}

const PAUSE = 500;

/**
 * Migrates as soon as the database answers.
 *
 * @returns the schema version.
 * @throws DatabaseUnavailableError when it does not answer in time; the database's own error when it answers and refuses.
 */
export async function migrateWhenReady(db: Database, timeout: number, logger: Logger): Promise<number> {
  const deadline = Date.now() + timeout;
  for (let told = false; ; told = true) {
    try {
      return await migrate(db);
    } catch (error) {
      if (!isAway(error)) throw error;
      if (Date.now() >= deadline) throw new DatabaseUnavailableError(timeout, error);
      if (!told) logger.info({ reason: reason(error) }, "waiting for the database");
      await sleep(PAUSE);
    }
  }
}

/** Whether PostgreSQL refuses us because of user, password or database name: waiting does not help. */
export function isRefusal(error: unknown): boolean {
  return ["28P01", "28000", "3D000"].includes((error as { code?: string }).code ?? "");
}

/** Network errors, and PostgreSQL starting up, shutting down or out of connections. */
function isAway(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE)/.test(code ?? "") ||
    /^(57P0|08|53300)/.test(code ?? "") ||
    /connection terminated|timeout exceeded|timeout expired/i.test(message ?? "")
  );
}

function reason(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}
