import { ExitCode } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import type { SecretFile } from "../docker/secret-volumes";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { missingSecrets } from "../secrets/missing-secrets";

/**
 * Refuses to deploy workers that would end at once for want of a secret.
 *
 * @throws OperatorError naming every secret that is not stored, the setting that asks for it, and the commands.
 */
export function requireSecrets({ name, settings }: FleetEnvironment, files: readonly SecretFile[]): void {
  const missing = missingSecrets(settings, files);
  if (missing.length === 0) return;
  const reasons = new Map(missing.map((secret) => [secret.name, secret.because]));
  const lines = [...reasons].map(
    ([secret, because]) => `  ${secret} is not stored (${because}): ${COMMAND_NAME} secrets set ${name} ${secret}`,
  );
  throw new OperatorError(
    `${name} would not start, nothing was deployed:\n${lines.join("\n")}\nthen ${COMMAND_NAME} up ${name}`,
    ExitCode.CONFIGURATION,
  );
}
