import type { Argument, Command, Option } from "commander";

/** A completion for the word that is being typed. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Candidates, or a request to the shell to complete files or directories itself. */
export type Answer = readonly Candidate[] | "files" | "directories";

/** Returns names for a placeholder that the command line cannot know: environments, secrets and the like. */
export type Names = (placeholder: string) => Promise<readonly string[]>;

/** Placeholders that stand for paths. */
const PATHS: Readonly<Record<string, "files" | "directories">> = { file: "files", dir: "directories" };

/** The position of the cursor: the words before it, as the command line parses them. */
interface Position {
  readonly command: Command;
  readonly used: ReadonlySet<Option>;
  /** Number of arguments before the cursor. */
  readonly given: number;
  /** The option whose value is being typed. */
  readonly option: Option | undefined;
  readonly optionsEnded: boolean;
}

/**
 * Completions for the last word.
 *
 * @param words All words after the program's name; the last one is being typed and may be empty. Some shells split
 * `--name=value` into three words.
 */
export async function candidates(program: Command, words: readonly string[], names: Names): Promise<Answer> {
  const typed = words.at(-1) === "=" ? "" : (words.at(-1) ?? "");
  const position = positionBehind(program, words.slice(0, -1));
  const { command, option, given, optionsEnded } = position;
  if (option !== undefined) return matching(await valuesOf(option, names), typed);
  if (typed.startsWith("-") && !optionsEnded) return optionCandidates(position, typed, names);
  if (given === 0 && command.commands.length > 0) return matching(commandCandidates(command), typed);
  const argument = command.registeredArguments[given] ?? lastVariadic(command);
  return argument === undefined ? [] : matching(await valuesOf(argument, names), typed);
}

function positionBehind(program: Command, words: readonly string[]): Position {
  let command = program;
  let option: Option | undefined;
  let given = 0;
  let optionsEnded = false;
  const used = new Set<Option>();
  for (const word of words) {
    if (word === "=") continue;
    if (option !== undefined) option = undefined;
    else if (word === "--") optionsEnded = true;
    else if (word.startsWith("-") && !optionsEnded) {
      const [name, value] = word.split(/=(.*)/s);
      const found = command.options.find(({ long, short }) => long === name || short === name);
      if (found !== undefined) used.add(found);
      if (found?.required === true && value === undefined) option = found;
    } else {
      const inner = given === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      // After `help`, complete as if it were not there: `help NAME` takes the same names.
      if (inner !== undefined) command = inner;
      else if (word !== "help" || command.commands.length === 0) given += 1;
    }
  }
  return { command, used, given, option, optionsEnded };
}

async function optionCandidates({ command, used }: Position, typed: string, names: Names): Promise<Answer> {
  const [name, value] = typed.split(/=(.*)/s);
  const valued = command.options.find(({ long, required }) => long === name && required);
  if (value !== undefined && valued !== undefined) {
    const answer = matching(await valuesOf(valued, names), value);
    return typeof answer === "string" ? answer : answer.map((each) => ({ ...each, value: `${name}=${each.value}` }));
  }
  // An option with a parser, such as --skill, may be repeated: its values are collected.
  const left = command.options.filter((option) => !used.has(option) || option.parseArg !== undefined);
  const all = left.flatMap(({ long, description }) => (long == null ? [] : [{ value: long, description }]));
  return matching([...all, { value: "--help", description: "print help for a command" }], typed);
}

function commandCandidates(command: Command): Candidate[] {
  const shown = command.createHelp().visibleCommands(command);
  return shown.map((each) => ({ value: each.name(), description: each.description() }));
}

function lastVariadic({ registeredArguments }: Command): Argument | undefined {
  const last = registeredArguments.at(-1);
  return last?.variadic === true ? last : undefined;
}

async function valuesOf(valued: Argument | Option, names: Names): Promise<Answer> {
  const placeholder = "flags" in valued ? /<(.+?)>/.exec(valued.flags)![1]! : valued.name();
  const path = PATHS[placeholder];
  if (path !== undefined) return path;
  return (valued.argChoices ?? (await names(placeholder))).map((value) => ({ value, description: "" }));
}

function matching(answer: Answer, typed: string): Answer {
  return typeof answer === "string" ? answer : answer.filter(({ value }) => value.startsWith(typed));
}
