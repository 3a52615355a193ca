import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CliExitCode } from "./exit-code";
import { OperatorError } from "./operator-error";
import { nearest } from "./unknown-name";

/** How a question is shown. */
export interface QuestionOptions {
  /** Whether to hide what is typed. @default false */
  readonly hidden?: boolean;
}

/** Whether a person can answer a question. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true;
}

/**
 * Asks for confirmation. Without a terminal nobody can answer, so the operator has to agree with `yes`.
 *
 * @throws OperatorError when the answer is no, or nobody can answer.
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!canAsk()) throw new OperatorError(`${question} nobody can answer here: add -y to answer yes`, CliExitCode.FAILED);
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new OperatorError("nothing was changed", CliExitCode.FAILED);
}

/**
 * Lets a person choose one of several names by name or number, and asks until the answer is one of them.
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
 * Reads one line from a person. The question goes to stderr, because a program may read stdout.
 *
 * @throws OperatorError when the person presses Ctrl-C (exit code 130) or Ctrl-D (1) instead.
 */
export function ask(question: string, { hidden = false }: QuestionOptions = {}): Promise<string> {
  // For a hidden answer readline writes to nowhere, so that typed text does not show; the prompt is written separately.
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
