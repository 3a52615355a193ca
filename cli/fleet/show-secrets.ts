import { SECRET_CONSUMERS } from "../../runtime/contract";
import { output } from "../console/output";
import { readSecretFiles } from "../docker/secret-volumes";
import { meantFleet } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";
import { listSecrets, secretTable } from "../secrets/secret-listing";

/** Prints the stored secrets of an environment: names, readers, sizes and times, never values. */
export async function showSecrets(environment: FleetEnvironment, json: boolean): Promise<void> {
  const local = await meantFleet(environment);
  const secrets = local === undefined ? listSecrets(await readSecretFiles(environment.name, SECRET_CONSUMERS)) : local.secrets();
  const lines = json ? [JSON.stringify(secrets, null, 2)] : secretTable(environment.name, secrets);
  lines.forEach((line) => output().line(line));
}
