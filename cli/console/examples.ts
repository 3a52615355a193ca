import type { Command } from "commander";
import { COMMAND_NAME } from "./command-name";

/** A command line without the program's name, and what it does. */
export type Example = readonly [command: string, meaning: string];

const EXAMPLES = new WeakMap<Command, readonly Example[]>();

/** Shows examples below a command's help, with the program's name as it is typed here. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples);
  return command.addHelpText("after", () => `\nExamples:\n${exampleLines(examples, COMMAND_NAME).join("\n")}`);
}

/** The examples of a command, for docs/command-line.md. */
export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}

/** Lines of examples; the meaning is in a comment above each command, so that a whole line can be copied. */
export function exampleLines(examples: readonly Example[], program: string): string[] {
  return examples.flatMap(([command, meaning]) => [`  # ${meaning}`, `  ${asTyped(command, program)}`]);
}

/** A command with the program's name, which replaces `{}` in a longer line such as a pipe. */
export function asTyped(command: string, program: string): string {
  return command.includes("{}") ? command.replaceAll("{}", program) : `${program} ${command}`;
}
