import { ExitCode } from "../contract";
import type { CheckResult } from "../contract";

/** 78 when a person has to fix anything, else 69 when a service stayed unreachable, else 0. */
export function preflightExitCode(results: readonly Pick<CheckResult, "status">[]): ExitCode {
  if (results.some((result) => result.status === "failed")) return ExitCode.CONFIGURATION;
  if (results.some((result) => result.status === "unavailable")) return ExitCode.UNAVAILABLE;
  return ExitCode.OK;
}
