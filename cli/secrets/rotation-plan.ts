import { VARIABLE_LIST } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { UsageError } from "../console/operator-error";
import { unknownName } from "../console/unknown-name";
import type { OwnServices } from "./operator-secret";
import { planSecrets } from "./secret-plan";
import type { SecretSituation, SecretWrite } from "./secret-plan";

/**
 * The fleet's own secrets to rotate: the named ones, else all.
 *
 * @throws UsageError for an operator's secret, or an unknown name.
 */
export function rotatedNames(asked: readonly string[], own: OwnServices, environment: string): string[] {
  const possible = [...(own.database ? ["postgres_password"] : []), ...(own.broker ? ["rabbitmq_password"] : []), "fleet_api_token"];
  const names = asked.map((name) => name.toLowerCase());
  const wrong = names.find((name) => !possible.includes(name));
  if (wrong === undefined) return names.length === 0 ? possible : possible.filter((name) => names.includes(name));
  const isSecret = VARIABLE_LIST.some(([name, { secret }]) => secret === true && name.toLowerCase() === wrong);
  if (isSecret) throw new UsageError(`${wrong} is yours and cannot be generated: ${COMMAND_NAME} secrets set ${environment} ${wrong}`);
  throw unknownName(`no secret is called "${wrong}"`, wrong, possible, "you can rotate");
}

/** The files to write so that every holder of these secrets gets a new value. */
export function planRotation(situation: SecretSituation, names: readonly string[]): SecretWrite[] {
  const plan = planSecrets({
    ...situation,
    existing: (consumer, name) => (names.includes(name) ? undefined : situation.existing(consumer, name)),
    // planSecrets must not refuse a lost password: the database's password is changed too.
    databaseInitialised: false,
  });
  return plan.map((write) => (names.includes(write.name) ? { ...write, reason: "replaced" } : write));
}
