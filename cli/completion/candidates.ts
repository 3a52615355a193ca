import type { Argument, Command, Option } from "commander";

/** What a shell may offer for the word that is being typed. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** The shell itself knows files and directories best. */
export type Answer = readonly Candidate[] | "files" | "directories";

/** Names that stand in no command: environments, secrets and the like, by the placeholder they are written for. */
export type Names = (placeholder: string) => Promise<readonly string[]>;

/** Placeholders of paths. */
const PATHS: Readonly<Record<string, "files" | "directories">> = { file: "files", dir: "directories" };

/** Where the cursor stands: the words before it, as the command line reads them. */
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
 * What can stand in place of the last word.
 *
 * @param words Everything behind the program's name; the last is being typed and may be empty. A shell that splits
 * `--name=value` gives the three parts.
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
      // `help NAME` takes what could stand in its place.
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
  // What is collected over several uses, such as --skill, has a parser of its own.
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
