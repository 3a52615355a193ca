import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CliExitCode } from "./exit-code";
import { OperatorError } from "./operator-error";
import { nearest } from "./unknown-name";

/** How a question looks to whoever answers it. */
export interface QuestionOptions {
  /** What is typed is not shown. @default false */
  readonly hidden?: boolean;
}

/** Whether a person can answer a question. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true;
}

/**
 * Asks before something that an operator may not want. Where nobody can answer, it has to be said beforehand.
 *
 * @throws OperatorError when the answer is no, or there is none.
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!canAsk()) throw new OperatorError(`${question} nobody is there to answer: add -y to say yes beforehand`, CliExitCode.FAILED);
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new OperatorError("nothing was changed", CliExitCode.FAILED);
}

/**
 * Lets a person choose one of several by name or number, and asks again until it is one of them.
 *
 * @throws OperatorError when there is no answer.
 */
export async function choose(question: string, names: readonly string[]): Promise<string> {
  names.forEach((name, index) => process.stderr.write(`  ${index + 1}  ${name}\n`));
  for (;;) {
    const answer = (await ask(`${question} `)).trim();
    const chosen = names.find((name) => name === answer) ?? names[Number(answer) - 1];
    if (chosen !== undefined) return chosen;
    const meant = nearest(answer, names);
    process.stderr.write(`"${answer}" is none of them${meant === undefined ? "" : `; did you mean ${meant}?`}\n`);
  }
}

/**
 * One line a person types. The question goes to stderr, because stdout may be read by a program.
 *
 * @throws OperatorError when the person leaves instead, with Ctrl-C (exit code 130) or Ctrl-D (1).
 */
export function ask(question: string, { hidden = false }: QuestionOptions = {}): Promise<string> {
  // The prompt of a hidden answer is written beside readline, which shows nothing of what is typed into nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  return new Promise((resolve, reject) => {
    let exitCode: number = CliExitCode.FAILED;
    let answered = false;
    terminal.once("SIGINT", () => {
      exitCode = CliExitCode.INTERRUPTED;
      terminal.close();
    });
    terminal.once("close", () => {
      if (answered && !hidden) return;
      process.stderr.write("\n");
      if (!answered) reject(new OperatorError("nothing was changed", exitCode));
    });
    if (hidden) process.stderr.write(question);
    terminal.question(hidden ? "" : question, (answer) => {
      answered = true;
      terminal.close();
      resolve(answer);
    });
  });
}
