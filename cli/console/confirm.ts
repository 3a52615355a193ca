import { createInterface } from "node:readline/promises";
import { OperatorError } from "./operator-error";

/**
 * Asks before something that an operator may not want. Where nobody can answer, it has to be said beforehand.
 *
 * @throws OperatorError when the answer is no.
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new OperatorError(`${question} nobody is there to answer: add -y to say yes beforehand`, 1);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new OperatorError("nothing was changed", 1);
}
