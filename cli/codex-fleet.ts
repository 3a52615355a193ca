#!/usr/bin/env node
import { Command } from "commander";
import { codexConfigCommand } from "./codex-config";
import { OperatorError } from "./operator-error";
import { secretsCommand } from "./secrets";

const program = new Command("codex-fleet")
  .description("declare, deploy and run a fleet of unattended coding agents")
  .showHelpAfterError()
  .addCommand(secretsCommand())
  .addCommand(codexConfigCommand());

program.parseAsync().catch((error: unknown) => {
  const known = error instanceof OperatorError;
  console.error(known ? `codex-fleet: ${error.message}` : error);
  process.exitCode = known ? error.exitCode : 1;
});
