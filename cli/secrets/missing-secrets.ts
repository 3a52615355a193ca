import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { ExitCode } from "../../runtime/contract";
import type { SecretConsumer } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";
import type { SecretFile } from "../docker/secret-volumes";
import type { FleetEnvironment } from "../project/fleet-environment";

/** An operator's secret without which a worker cannot start. */
export interface NeededSecret {
  readonly name: string;
  readonly consumer: SecretConsumer;
  /** The setting that requires it. */
  readonly because: string;
}

/** Secrets that the environment requires and that are not stored. */
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
 * Refuses to deploy workers that would exit at once because a secret is missing.
 *
 * @throws OperatorError with every missing secret, the setting that requires it, and the commands to store it.
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
