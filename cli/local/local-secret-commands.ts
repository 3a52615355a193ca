import path from "node:path";
import type { SecretConsumer } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { listing } from "../secrets/secret-listing";
import { enterAccount } from "./account";
import type { LocalInstance } from "./instance";
import { readLocalSecrets, writeLocalSecrets } from "./local-secrets";

/** Stores a secret of the operator's; services read it when they start. */
export function setLocalSecret(instance: LocalInstance, consumers: readonly SecretConsumer[], name: string, content: string): string[] {
  enterAccount(instance.account);
  writeLocalSecrets(
    instance,
    consumers.map((consumer) => ({ consumer, name, content })),
  );
  return [
    ...consumers.map((consumer) => `stored    ${path.join(instance.secrets(consumer), name)}`),
    `services read it when they start: ${COMMAND_NAME} up ${instance.environment} starts those again that need it`,
  ];
}

/** The table of `secrets list`; every file belongs to the account. */
export function listLocalSecrets(instance: LocalInstance): string {
  return listing(instance.environment, readLocalSecrets(instance), () => instance.account.uid);
}
