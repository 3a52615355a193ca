import pino from "pino";
import type { Logger } from "pino";
import type { CheckResult } from "../contract";

/** JSON lines on stdout. An invalid LOG_LEVEL counts as info here; the check `configuration` reports it. */
export function openLog(service: string, environment: Readonly<Record<string, string | undefined>>): Logger {
  const level = (environment["LOG_LEVEL"] ?? "info").toLowerCase();
  return pino({
    level: level in pino.levels.values ? level : "info",
    base: { service, environment: environment["FLEET_ENVIRONMENT"] ?? "local", kind: environment["FLEET_WORKER"] ?? "codex" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** Logs one line per check; its level follows from the check's status. */
export function logCheck(log: Logger, result: CheckResult): void {
  const { id, status, ...rest } = result;
  const line = { check: id, status, ...rest };
  if (status === "ok") log.info(line, `${id} ok: ${result.found}`);
  else if (status === "warning") log.warn(line, `${id} warning: ${result.found}`);
  else log.error(line, `${id} ${status}: ${result.found}; ${result.fix}`);
}
