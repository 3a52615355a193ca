import { secretVolumeName } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { output } from "../console/output";
import { ask, canAsk } from "../console/question";
import { listContainers } from "../docker/fleet-containers";
import { writeSecretFiles } from "../docker/secret-volumes";
import { meantFleet } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";
import { ownServices } from "../secrets/initialise-secrets";
import { consumersOf, secretValue } from "../secrets/operator-secret";

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
