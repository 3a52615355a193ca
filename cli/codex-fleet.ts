#!/usr/bin/env node
import { CommanderError } from "commander";
import { watchPipes } from "./console/closed-pipe";
import { CliExitCode } from "./console/exit-code";
import { OperatorError } from "./console/operator-error";
import { fleetProgram } from "./program";

watchPipes();
fleetProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = report(error);
  });

/** Prints an error, unless commander has printed it already, and returns the exit code. */
function report(error: unknown): number {
  // commander also throws after it has printed help or the version; then the code is 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? CliExitCode.OK : CliExitCode.USAGE;
  if (error instanceof OperatorError) {
    console.error(`codex-fleet: ${error.message}`);
    return error.exitCode;
  }
  console.error(error);
  return CliExitCode.SOFTWARE;
}
