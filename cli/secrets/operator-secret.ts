import { VARIABLE_LIST } from "../../runtime/contract";
import type { SecretConsumer, Variable, VariableReader } from "../../runtime/contract";
import { OperatorError, UsageError } from "../console/operator-error";
import { unknownName } from "../console/unknown-name";

const CONSUMERS: Readonly<Record<VariableReader, SecretConsumer>> = { api: "api", codex: "codex-worker", gemini: "gemini-worker" };

/** Whether broker and database are the fleet's own; then the fleet generates their passwords. */
export interface OwnServices {
  readonly broker: boolean;
  readonly database: boolean;
}

/**
 * The consumers of an operator's secret. The name may be in upper or lower case.
 *
 * @throws UsageError with the names that can be set.
 */
export function consumersOf(name: string, own: OwnServices): readonly SecretConsumer[] {
  const made = madeSecrets(own);
  const settable = VARIABLE_LIST.filter(([variable, { secret }]) => secret === true && !made.includes(variable));
  const found = settable.find(([variable]) => variable === name.toUpperCase());
  if (found !== undefined) return found[1].readers.map((reader) => CONSUMERS[reader]);
  const names = settable.map(([variable]) => variable.toLowerCase());
  if (made.includes(name.toUpperCase()))
    throw new UsageError(`${name} is made by "secrets init" and not set by hand; you can set ${names.join(", ")}`);
  throw unknownName(`no secret is called "${name}"`, name, names, "you can set");
}

/** Names of the secrets an operator may have to set, in lower case. */
export function operatorSecrets(own: OwnServices): string[] {
  const made = madeSecrets(own);
  return VARIABLE_LIST.flatMap(([name, { secret }]) => (secret === true && !made.includes(name) ? [name.toLowerCase()] : []));
}

function madeSecrets(own: OwnServices): string[] {
  return ["FLEET_API_TOKEN", ...(own.database ? ["POSTGRES_PASSWORD"] : []), ...(own.broker ? ["RABBITMQ_PASSWORD"] : [])];
}

/**
 * The value to store: what was typed or piped, without the final line break.
 *
 * @throws OperatorError when it is empty or has more than one line; the message never contains the value.
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
