import pino from "pino";
import type { Logger } from "pino";
import type { CheckResult } from "../contract";

/** JSON lines on stdout. A level that is not valid is reported by the check of the configuration. */
export function openLog(service: string, environment: Readonly<Record<string, string | undefined>>): Logger {
  const level = (environment["LOG_LEVEL"] ?? "info").toLowerCase();
  return pino({
    level: level in pino.levels.values ? level : "info",
    base: { service, environment: environment["FLEET_ENVIRONMENT"] ?? "local", kind: environment["FLEET_WORKER"] ?? "codex" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** One line a check, as loud as its status. */
export function logCheck(log: Logger, result: CheckResult): void {
  const { id, status, ...rest } = result;
  const line = { check: id, status, ...rest };
  if (status === "ok") log.info(line, `${id} ok: ${result.found}`);
  else if (status === "warning") log.warn(line, `${id} warning: ${result.found}`);
  else log.error(line, `${id} ${status}: ${result.found}; ${result.fix}`);
}
