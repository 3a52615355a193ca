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

/** What went wrong, where commander has not said it already. */
function report(error: unknown): number {
  // Help that was asked for ends this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? CliExitCode.OK : CliExitCode.USAGE;
  if (error instanceof OperatorError) {
    console.error(`codex-fleet: ${error.message}`);
    return error.exitCode;
  }
  console.error(error);
  return CliExitCode.SOFTWARE;
}
