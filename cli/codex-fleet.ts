#!/usr/bin/env node
import { OperatorError } from "./console/operator-error";
import { fleetProgram } from "./program";

fleetProgram()
  .parseAsync()
  .catch((error: unknown) => {
    const known = error instanceof OperatorError;
    console.error(known ? `codex-fleet: ${error.message}` : error);
    process.exitCode = known ? error.exitCode : 1;
  });
