import { AGENTS, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome, PreflightFacts } from "./check";
import { describeKeys, seeGoogleKeys } from "./google-key";
import type { GoogleKeySightings } from "./google-key";

/** When Google provides the embeddings, one of its two keys is set before the worker accepts a job. */
export const embeddingCheck: Check = {
  id: "embedding.credential",
  what: "with DEFAULT_EMBEDDING_PROVIDER=google, GOOGLE_API_KEY or GEMINI_API_KEY is there and not blank",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: '`codex-fleet secrets set ENV google_api_key` (or `gemini_api_key`), or `embedding.provider = "none"`',
  run: async (context) => {
    const { DEFAULT_EMBEDDING_PROVIDER: provider, GOOGLE_EMBEDDING_MODEL: model, FLEET_ENVIRONMENT: environmentName } = context.config;
    return judgeEmbedding({ provider, model, environmentName }, seeGoogleKeys(context));
  },
};

export function judgeEmbedding(
  wanted: { readonly provider: "google" | "none"; readonly model: string; readonly environmentName: string },
  keys: GoogleKeySightings,
): Outcome {
  const { provider, model } = wanted;
  if (provider === "none") {
    return ok("embedding provider none: no key needed", "nothing", {
      embeddingReadiness: { provider, model, ready: true, credentialSource: null },
    });
  }
  const expected = "GOOGLE_API_KEY or GEMINI_API_KEY, not blank";
  // GOOGLE_API_KEY takes precedence: it is named after the provider.
  const source: "google_api_key" | "gemini_api_key" | null =
    keys.GOOGLE_API_KEY === "set" ? "google_api_key" : keys.GEMINI_API_KEY === "set" ? "gemini_api_key" : null;
  const facts = {
    embeddingReadiness: { provider, model, ready: source !== null, credentialSource: source },
  } satisfies Partial<PreflightFacts>;
  if (source !== null) return ok(`embedding provider google, model ${model}, key from ${source.toUpperCase()}`, expected, facts);
  return failed(
    `embedding provider google, but ${describeKeys(keys)}`,
    expected,
    `give one of them: codex-fleet secrets set ${wanted.environmentName} google_api_key (or gemini_api_key), then codex-fleet up; or, without embeddings, provider = "none" in [embedding] (DEFAULT_EMBEDDING_PROVIDER=none)`,
    facts,
  );
}
