import { readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { codexConfigCommand } from "./commands/codex-config";
import { answerCommand, completionCommand } from "./commands/completion";
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
import { COMMAND_NAME } from "./console/command-name";
import { withExamples } from "./console/examples";
import { packageRoot } from "./project/project";

/**
 * The whole command line. The code of a command is loaded when it is called.
 *
 * @param name The program's name in help texts.
 */
export function fleetProgram(name: string = COMMAND_NAME): Command {
  const program = new Command(name)
    .description("declare, deploy and run a fleet of unattended coding agents")
    .version(packageVersion(), "-V, --version", "print the version of the package")
    .helpOption("-h, --help", "print help for a command")
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
    .addCommand(imageCommand())
    .addCommand(completionCommand())
    .addCommand(answerCommand(), { hidden: true });
  withExamples(program, [
    ["up", "bring up the only environment there is, or the demonstration"],
    ["run acme/shop --env dev --follow", "start a run and watch it to its pull request"],
    ["secrets set --help", "help for a command, with examples"],
  ]);
  everyCommand(program).forEach(speakLikeTheRest);
  return program;
}

/** A command and all its subcommands. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Answers wrong usage with the possible commands and a pointer to help, instead of the whole help. */
function speakLikeTheRest(command: Command): void {
  const shown = command.createHelp().visibleCommands(command);
  const names = shown.map((each) => each.name()).filter((name) => name !== "help");
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(inOneLine(text)) })
    .showHelpAfterError(`${names.length > 0 ? `there are ${names.join(", ")}; ` : ""}${fullName(command)} --help says more`);
}

function inOneLine(error: string): string {
  return error.replace(/^error: /, "codex-fleet: ").replace(/\n\(Did you mean (.*)\?\)/, "; did you mean $1?");
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(path.join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}
