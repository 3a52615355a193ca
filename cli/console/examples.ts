import type { Command } from "commander";
import { COMMAND_NAME } from "./command-name";

/** A command line without the program's name, and what it does. */
export type Example = readonly [command: string, meaning: string];

const EXAMPLES = new WeakMap<Command, readonly Example[]>();

/** Shows examples below a command's help, as they are typed here. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples);
  return command.addHelpText("after", () => `\nExamples:\n${exampleLines(examples, COMMAND_NAME).join("\n")}`);
}

/** The examples of a command, for its page. */
export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}

/** What an example does stands above it, so that every line can be copied. */
export function exampleLines(examples: readonly Example[], program: string): string[] {
  return examples.flatMap(([command, meaning]) => [`  # ${meaning}`, `  ${asTyped(command, program)}`]);
}

/** `{}` is the program in a longer line, such as a pipe. */
export function asTyped(command: string, program: string): string {
  return command.includes("{}") ? command.replaceAll("{}", program) : `${program} ${command}`;
}
