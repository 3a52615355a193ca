/** Network errors, and PostgreSQL's own words for "not now". */
const AWAY = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  // too_many_connections, and what a server says while it starts, stops or fails over
  "53300",
  "57P01",
  "57P02",
  "57P03",
  "25006",
]);

/** Whether the database, not the stage, is the reason of an error: the same stage may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const code = (error as Error & { code?: unknown }).code;
  if (typeof code === "string" && (AWAY.has(code) || code.startsWith("08"))) return true;
  // The driver has no codes for these.
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/.test(
    error.message,
  );
}
