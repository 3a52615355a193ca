import path from "node:path";
import { SECRET_CONSUMERS, secretVolumeName } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { output } from "../console/output";
import { ask, canAsk } from "../console/question";
import { listContainers } from "../docker/fleet-containers";
import { readSecretFiles, writeSecretFiles } from "../docker/secret-volumes";
import { meantFleet } from "../local/local-fleet";
import { loadEnvironment } from "../project/fleet-environment";
import type { FleetEnvironment } from "../project/fleet-environment";
import { ownServices, showSecretWrites } from "../secrets/initialise-secrets";
import { consumersOf, secretValue } from "../secrets/operator-secret";
import { rotateSecrets } from "../secrets/rotate-secrets";
import { listSecrets, secretTable } from "../secrets/secret-listing";
import { planChanges } from "../up/proposal";
import { requireHealthy } from "../up/require-healthy";

/**
 * Stores an operator's secret for all its readers; the value comes from standard input or a hidden prompt.
 *
 * @throws OperatorError for a name that cannot be set or an invalid value; then nothing is stored.
 */
export async function storeSecret(environment: FleetEnvironment, secret: string): Promise<void> {
  const { name } = environment;
  const consumers = consumersOf(secret, ownServices(environment));
  const file = secret.toLowerCase();
  const content = secretValue(file, await readValue(file));
  const local = await meantFleet(environment);
  if (local !== undefined) return local.setSecret(consumers, file, content).forEach((line) => output().line(line));
  await writeSecretFiles(
    name,
    consumers.map((consumer) => ({ consumer, name: file, content })),
  );
  for (const consumer of consumers) output().line(`stored    ${secretVolumeName(name, consumer)}: ${file}`);
  if ((await listContainers(name)).length > 0) output().line(revisionHint(environment));
}

/** Hint that containers read their secrets only when they start. */
function revisionHint({ name, settings }: FleetEnvironment): string {
  return `${name} is up and reads secrets at start: set [secrets] revision = ${settings.secrets.revision + 1} in environments/${name}.toml, then ${COMMAND_NAME} up ${name}`;
}

async function readValue(name: string): Promise<string> {
  if (canAsk()) return ask(`${name}: `, { hidden: true });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Prints the stored secrets of an environment: names, readers, sizes and times, never values. */
export async function showSecrets(environment: FleetEnvironment, json: boolean): Promise<void> {
  const local = await meantFleet(environment);
  const secrets = local === undefined ? listSecrets(await readSecretFiles(environment.name, SECRET_CONSUMERS)) : local.secrets();
  const lines = json ? [JSON.stringify(secrets, null, 2)] : secretTable(environment.name, secrets);
  lines.forEach((line) => output().line(line));
}

/** Gives the fleet's own secrets new values; replaces their readers now if `deploy` is set, else with the next `up`. */
export async function rotateFleetSecrets(environment: FleetEnvironment, names: readonly string[], deploy: boolean): Promise<void> {
  const { writes, revision, file } = await rotateSecrets(environment, names);
  showSecretWrites(environment.name, writes);
  output().line(`raised    ${path.relative(process.cwd(), file)}: [secrets] revision = ${revision}`);
  if (deploy) await replaceReaders(loadEnvironment(environment.name));
  else output().line(`the readers are replaced by: ${COMMAND_NAME} up ${environment.name}`);
}

async function replaceReaders(environment: FleetEnvironment): Promise<void> {
  const { deployment, plan } = await planChanges(environment, { command: "deploy" });
  await deployment.apply(plan).finally(() => deployment.close());
  await requireHealthy(environment);
}
