import { Command } from "commander";
import { codexConfigCommand } from "./codex-config";
import { downCommand } from "./down";
import { imageCommand } from "./image";
import { loginCommand } from "./login";
import { pinsCommand } from "./pins";
import { psCommand } from "./ps";
import { runCommand } from "./run";
import { sbomCommand } from "./sbom";
import { secretsCommand } from "./secrets";
import { upCommand } from "./up";

/** The whole command line. */
export function fleetProgram(): Command {
  return new Command("codex-fleet")
    .description("declare, deploy and run a fleet of unattended coding agents")
    .showHelpAfterError()
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(runCommand())
    .addCommand(psCommand())
    .addCommand(loginCommand())
    .addCommand(secretsCommand())
    .addCommand(codexConfigCommand())
    .addCommand(pinsCommand())
    .addCommand(sbomCommand())
    .addCommand(imageCommand());
}
