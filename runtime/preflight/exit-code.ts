import { ExitCode } from "../contract";
import type { CheckResult } from "../contract";

/** 78 when anything is wrong that a person has to mend, else 69 when a service stayed away, else 0. */
export function preflightExitCode(results: readonly Pick<CheckResult, "status">[]): ExitCode {
  if (results.some((result) => result.status === "failed")) return ExitCode.CONFIGURATION;
  if (results.some((result) => result.status === "unavailable")) return ExitCode.UNAVAILABLE;
  return ExitCode.OK;
}
