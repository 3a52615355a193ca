import { Command } from "commander";
import { withExamples } from "../console/examples";
import { output } from "../console/output";

/** `codex-fleet codex-config check|merge FILE`: exit code 0, or 78 for a file that differs or is refused. */
export function codexConfigCommand(): Command {
  const check = new Command("check")
    .description("check that every managed setting has its required value; exit code 78 when not")
    .argument("<file>", "a config.toml")
    .action(async (file: string) => {
      const { checkFile } = await import("../codex-config/config-file");
      checkFile(file).forEach((line) => output().line(line));
    });
  const merge = new Command("merge")
    .description("set the managed settings and keep everything else byte for byte; a refused file stays untouched, exit code 78")
    .argument("<file>", "a config.toml")
    .action(async (file: string) => {
      const { mergeFile } = await import("../codex-config/config-file");
      mergeFile(file).forEach((line) => output().line(line));
    });
  return new Command("codex-config")
    .description("the managed settings in a config.toml of Codex")
    .addCommand(withExamples(check, [["codex-config check ~/.codex/config.toml", "nothing is written"]]))
    .addCommand(withExamples(merge, [["codex-config merge ~/.codex/config.toml", "says what it changed, and from what"]]));
}
