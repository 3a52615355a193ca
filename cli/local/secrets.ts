import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brokerDefinitions, readConfiguration, ROUTING_VARIABLES, SECRET_CONSUMERS } from "../../runtime/contract";
import type { SecretConsumer } from "../../runtime/contract";
import type { SecretFile } from "../docker/secret-volumes";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { ownServices } from "../secrets/initialise-secrets";
import { planSecrets } from "../secrets/secret-plan";
import type { SecretWrite } from "../secrets/secret-plan";
import type { LocalInstance } from "./instance";

/** Every secret of these consumers: files in a directory per consumer that only the account can read. */
export function readLocalSecrets(instance: LocalInstance, consumers: readonly SecretConsumer[] = SECRET_CONSUMERS): SecretFile[] {
  return consumers.flatMap((consumer) => {
    const directory = instance.secrets(consumer);
    if (!existsSync(directory)) return [];
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const { uid, mode, mtime } = statSync(file);
        return { consumer, name: path.relative(directory, file), content: readFileSync(file), uid, mode: mode & 0o7777, modified: mtime };
      });
  });
}

/** Writes secrets; each file is replaced atomically. */
export function writeLocalSecrets(
  instance: LocalInstance,
  files: readonly { readonly consumer: SecretConsumer; readonly name: string; readonly content: string }[],
): void {
  for (const { consumer, name, content } of files) {
    const file = path.join(instance.secrets(consumer), name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const partial = path.join(path.dirname(file), `.${path.basename(file)}`);
    rmSync(partial, { force: true });
    writeFileSync(partial, content, { mode: 0o400 });
    chmodSync(partial, 0o400);
    renameSync(partial, file);
  }
}

/**
 * Creates the missing secrets of an environment.
 *
 * @throws OperatorError when a database exists and no file has its password any more.
 */
export function initialiseLocalSecrets(environment: Pick<FleetEnvironment, "name" | "settings">, instance: LocalInstance): SecretWrite[] {
  const files = readLocalSecrets(instance);
  const existing = (consumer: SecretConsumer, name: string) =>
    files.find((file) => file.consumer === consumer && file.name === name)?.content.toString("utf8");
  const own = ownServices(environment as FleetEnvironment);
  const database = instance.at("postgres");
  if (own.database && existsSync(database) && !files.some(({ name }) => name === "postgres_password"))
    throw new OperatorError(
      `${database} holds a database, but its password is in no file below ${instance.at("secrets")} any more: restore them, or delete the database with "rm -r ${database}"`,
    );
  const routing = readConfiguration(ROUTING_VARIABLES, environment.settings.variables);
  const writes = planSecrets({
    environment: environment.name,
    existing,
    databaseInitialised: false,
    own,
    makePassword: () => randomBytes(32).toString("base64url"),
    brokerDefinitions: (hashes) => brokerDefinitions(routing, hashes),
  });
  writeLocalSecrets(instance, writes);
  return writes;
}
