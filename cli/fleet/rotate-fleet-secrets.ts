import path from "node:path";
import { COMMAND_NAME } from "../console/command-name";
import { output } from "../console/output";
import { loadEnvironment } from "../project/fleet-environment";
import type { FleetEnvironment } from "../project/fleet-environment";
import { showSecretWrites } from "../secrets/initialise-secrets";
import { rotateSecrets } from "../secrets/rotate-secrets";
import { planChanges } from "../up/proposal";
import { requireHealthy } from "../up/require-healthy";

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
