import { Argument, Command } from "commander";
import { ANSWER_COMMAND, COMPLETED_SHELLS, shellScript } from "../completion/shell-script";
import type { CompletedShell } from "../completion/shell-script";
import { COMMAND_NAME } from "../console/command-name";
import { withExamples } from "../console/examples";

/** `codex-fleet completion SHELL`: prints the script that completes commands, options, environments and choices. */
export function completionCommand(): Command {
  const command = new Command("completion")
    .description("print a script that completes commands, options and names in a shell")
    .addArgument(new Argument("<shell>", "your shell").choices(COMPLETED_SHELLS))
    .addHelpText("after", () => aliasHint(COMMAND_NAME))
    .action((shell: CompletedShell) => void process.stdout.write(shellScript(shell)));
  return withExamples(command, [
    ["source <({} completion bash)", "bash, in ~/.bashrc"],
    ["source <({} completion zsh)", "zsh, in ~/.zshrc after compinit"],
    ["{} completion fish | source", "fish, in ~/.config/fish/config.fish"],
  ]);
}

/** `codex-fleet __complete -- WORD...`: called by the completion scripts. */
export function answerCommand(): Command {
  return new Command(ANSWER_COMMAND)
    .description("candidates for the last word, one per line")
    .argument("[word...]", "words after the program's name")
    .action(async (words: string[], _options: object, command: Command) => {
      const { candidates } = await import("../completion/candidates");
      const { namesFor } = await import("../completion/names");
      const answer = await candidates(command.parent!, words, namesFor);
      if (typeof answer === "string") console.log(`:${answer}`);
      else for (const { value, description } of answer) console.log(`${value}\t${description}`);
    });
}

/** Hint for a program that is called by other words than its name. */
function aliasHint(program: string): string {
  if (program === "codex-fleet") return "";
  return `\nShells complete a command by its name. Here it is called with other words, so give it the name:\n  codex-fleet() { ${program} "$@"; }`;
}
