/** Codes of network errors, and SQLSTATEs with which PostgreSQL refuses for the moment. */
const AWAY = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  // 53300 too_many_connections; the others come while a server starts, stops or fails over
  "53300",
  "57P01",
  "57P02",
  "57P03",
  "25006",
]);

/** Whether an error means that the database is unreachable: then the same stage may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const code = (error as Error & { code?: unknown }).code;
  if (typeof code === "string" && (AWAY.has(code) || code.startsWith("08"))) return true;
  // The driver gives these errors no code.
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/.test(
    error.message,
  );
}
