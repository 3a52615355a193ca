import { VARIABLE_LIST } from "../../runtime/contract";
import type { SecretConsumer, Variable, VariableReader } from "../../runtime/contract";
import { OperatorError } from "../console/operator-error";

const CONSUMERS: Readonly<Record<VariableReader, SecretConsumer>> = { api: "api", codex: "codex-worker", gemini: "gemini-worker" };

/** Which of broker and database are the fleet's own: it then makes their passwords itself. */
export interface OwnServices {
  readonly broker: boolean;
  readonly database: boolean;
}

/**
 * The consumers of an operator's secret, by its name in any case.
 *
 * @throws OperatorError naming what can be set.
 */
export function consumersOf(name: string, own: OwnServices): readonly SecretConsumer[] {
  const made = ["FLEET_API_TOKEN", ...(own.database ? ["POSTGRES_PASSWORD"] : []), ...(own.broker ? ["RABBITMQ_PASSWORD"] : [])];
  const settable = VARIABLE_LIST.filter(([variable, { secret }]) => secret === true && !made.includes(variable));
  const found = settable.find(([variable]) => variable === name.toUpperCase());
  if (found !== undefined) return found[1].readers.map((reader) => CONSUMERS[reader]);
  const why = made.includes(name.toUpperCase()) ? `${name} is made by "secrets init" and not set by hand` : `no secret is called "${name}"`;
  throw new OperatorError(`${why}; you can set ${settable.map(([variable]) => variable.toLowerCase()).join(", ")}`);
}

/**
 * The value as it is stored: what was typed or piped, without the line end.
 *
 * @throws OperatorError when it is empty or more than one line; the value is never repeated.
 */
export function secretValue(name: string, raw: string): string {
  const value = raw.replace(/\r?\n$/, "");
  if (value.trim() === "") throw new OperatorError(`the value of ${name} is empty: pipe it in or type it at the prompt`);
  if (/[\r\n]/.test(value)) throw new OperatorError(`the value of ${name} has more than one line: give the value alone`);
  const schema = VARIABLE_LIST.find(([variable]) => variable === name.toUpperCase())?.[1].schema as Variable["schema"];
  const problem = schema.safeParse(value).error?.issues[0]?.message;
  if (problem !== undefined) throw new OperatorError(`the value of ${name} ${problem}`);
  return value;
}
