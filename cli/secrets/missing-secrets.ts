import type { EnvironmentSettings } from "../../constructs/environment-schema";
import type { SecretConsumer } from "../../runtime/contract";

/** A secret of the operator's that a worker cannot start without. */
export interface NeededSecret {
  readonly name: string;
  readonly consumer: SecretConsumer;
  /** The setting that asks for it. */
  readonly because: string;
}

/** Secrets that the environment asks for and that are not stored. */
export function missingSecrets(
  { codex, embedding, workers }: Pick<EnvironmentSettings, "codex" | "embedding" | "workers">,
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
  ];
  return needed.filter(({ name, consumer }) => !stored.some((file) => file.name === name && file.consumer === consumer));
}
