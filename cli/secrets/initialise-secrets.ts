import { randomBytes } from "node:crypto";
import { brokerDefinitions, readConfiguration, ROUTING_VARIABLES, SECRET_CONSUMERS, secretVolumeName } from "../../runtime/contract";
import { output } from "../console/output";
import { readSecretFiles, volumeHolds, writeSecretFiles } from "../docker/secret-volumes";
import type { SecretFile } from "../docker/secret-volumes";
import type { FleetEnvironment } from "../project/fleet-environment";
import type { OwnServices } from "./operator-secret";
import { planSecrets } from "./secret-plan";
import type { SecretSituation, SecretWrite } from "./secret-plan";

/** Files that mark a database, for the different mount points of PostgreSQL's images. */
const DATABASE_MARKS = ["PG_VERSION", "data/PG_VERSION", "pgdata/PG_VERSION"];

/**
 * Creates the missing secrets of an environment.
 *
 * @throws OperatorError when what exists cannot be completed.
 */
export async function initialiseSecrets(environment: FleetEnvironment): Promise<SecretWrite[]> {
  const writes = planSecrets(await secretSituation(environment));
  await writeSecretFiles(environment.name, writes);
  return writes;
}

/** The stored secrets, and how to create missing ones. */
export async function secretSituation(environment: FleetEnvironment): Promise<SecretSituation & { readonly files: readonly SecretFile[] }> {
  const { name, names, settings } = environment;
  const files = await readSecretFiles(name, SECRET_CONSUMERS);
  const routing = readConfiguration(ROUTING_VARIABLES, settings.variables);
  const own = ownServices(environment);
  return {
    environment: name,
    files,
    existing: (consumer, file) => files.find((each) => each.consumer === consumer && each.name === file)?.content.toString("utf8"),
    databaseInitialised: own.database && (await volumeHolds(names.volumes.postgres, DATABASE_MARKS)),
    own,
    // 32 random bytes in characters that need no escaping in a URL or a file.
    makePassword: () => randomBytes(32).toString("base64url"),
    brokerDefinitions: (hashes) => brokerDefinitions(routing, hashes),
  };
}

/**
 * Reports what was written, by name and never by value.
 *
 * @param place The place of a secret, for a person.
 */
export function showSecretWrites(
  environment: string,
  writes: readonly SecretWrite[],
  place = ({ consumer, name }: SecretWrite) => `${secretVolumeName(environment, consumer)}: ${name}`,
): void {
  if (writes.length === 0) output().line(`nothing to do: every secret of ${environment} exists`);
  for (const write of writes) {
    const { name: secret, consumer: reader, reason } = write;
    output().event({ event: "secret", secret, reader, reason }, `${reason.padEnd(9)} ${place(write)}`);
  }
}

export function ownServices({ settings }: FleetEnvironment): OwnServices {
  return { broker: settings.broker.url === undefined, database: settings.database.host === undefined };
}
