import { Command } from "commander";
import { codexConfigCommand } from "./commands/codex-config";
import { downCommand } from "./commands/down";
import { imageCommand } from "./commands/image";
import { loginCommand } from "./commands/login";
import { pinsCommand } from "./commands/pins";
import { planCommand } from "./commands/plan";
import { psCommand } from "./commands/ps";
import { runCommand } from "./commands/run";
import { sbomCommand } from "./commands/sbom";
import { secretsCommand } from "./commands/secrets";
import { upCommand } from "./commands/up";

/** The whole command line. */
export function fleetProgram(): Command {
  return new Command("codex-fleet")
    .description("declare, deploy and run a fleet of unattended coding agents")
    .showHelpAfterError()
    .addCommand(upCommand())
    .addCommand(planCommand())
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
