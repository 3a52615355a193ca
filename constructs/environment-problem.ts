import { closest, distance } from "fastest-levenshtein";

/** One thing that is wrong with an environment. */
export interface EnvironmentProblem {
  /** The file with the problem; absent for settings given in code. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Dotted key, `codex.auth`; empty for the whole file. */
  readonly key: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
  /** What a person does about it. */
  readonly fix: string;
}

/** What is wrong with one key, without the file and line of the key. */
export interface SettingIssue {
  readonly path: readonly string[];
  readonly message: string;
  readonly fix: string;
}

/** All problems at once; nothing was written. */
export class EnvironmentError extends Error {
  constructor(readonly problems: readonly EnvironmentProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`${count} in the environment, nothing was written\n${problems.map((problem) => `  ${problemText(problem)}`).join("\n")}`);
    this.name = "EnvironmentError";
  }
}

/** `environments/dev.toml:3: codex.auth must be …, got …; …` */
export function problemText(problem: EnvironmentProblem): string {
  const place = problem.file === undefined ? "" : `${problem.file}${problem.line === undefined ? "" : `:${problem.line}`}: `;
  const key = problem.key === "" ? "" : `${problem.key} `;
  return `${place}${key}${problem.message}; ${problem.fix}`;
}

/** The known name that was probably meant, or undefined when none is similar. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(name, [...known]);
  return distance(name.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, Math.floor(name.length / 3)) ? candidate : undefined;
}

/** A value as JSON; credentials in an address are replaced by ***. */
export function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).replace(/:\/\/[^"]*@/g, "://***@");
}
