import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { ExitCode } from "../../runtime/contract";
import type { SecretConsumer } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";
import type { SecretFile } from "../docker/secret-volumes";
import type { FleetEnvironment } from "../project/fleet-environment";

/** A secret of the operator's that a worker cannot start without. */
export interface NeededSecret {
  readonly name: string;
  readonly consumer: SecretConsumer;
  /** The setting that asks for it. */
  readonly because: string;
}

/** Secrets that the environment asks for and that are not stored. */
export function missingSecrets(
  { codex, embedding, network, workers }: Pick<EnvironmentSettings, "codex" | "embedding" | "network" | "workers">,
  stored: readonly { readonly consumer: SecretConsumer; readonly name: string }[],
): NeededSecret[] {
  const readers = [
    ...(workers.codex.replicas > 0 ? (["codex-worker"] as const) : []),
    ...(workers.gemini.replicas > 0 ? (["gemini-worker"] as const) : []),
  ];
  const { credential } = embedding;
  const needed: NeededSecret[] = [
    ...(codex.auth === "api_key" && readers.includes("codex-worker")
      ? [{ name: "openai_api_key", consumer: "codex-worker", because: 'codex.auth = "api_key"' } as const]
      : []),
    ...(embedding.provider === "google" && credential !== undefined
      ? readers.map((consumer) => ({ name: credential, consumer, because: `embedding.credential = "${credential}"` }))
      : []),
    ...(network.proxy_credentials
      ? readers.map((consumer) => ({ name: "proxy_credentials", consumer, because: "network.proxy_credentials = true" }))
      : []),
  ];
  return needed.filter(({ name, consumer }) => !stored.some((file) => file.name === name && file.consumer === consumer));
}

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
