import { Environment } from "../../../constructs";
import type { EnvironmentInput } from "../../../constructs";
import { missingSecrets } from "../../../cli/secrets/missing-secrets";
import type { SecretConsumer } from "../../../runtime/contract";

const google = { embedding: { credential: "gemini_api_key" } } as const;
const none = { embedding: { provider: "none" } } as const;

test.each<[what: string, settings: EnvironmentInput, stored: [SecretConsumer, string][], missing: string[]]>([
  ["neither embeddings nor an API key", none, [], []],
  ["embeddings by Google", google, [], ["codex-worker gemini_api_key", "gemini-worker gemini_api_key"]],
  [
    "embeddings with the other key",
    google,
    [["codex-worker", "google_api_key"]],
    ["codex-worker gemini_api_key", "gemini-worker gemini_api_key"],
  ],
  ["a key for one of two readers", google, [["codex-worker", "gemini_api_key"]], ["gemini-worker gemini_api_key"]],
  ["a key without its worker", { ...google, workers: { gemini: { replicas: 0 } } }, [], ["codex-worker gemini_api_key"]],
  [
    "a proxy that asks for credentials",
    { ...none, network: { https_proxy: "http://proxy:1", proxy_credentials: true } },
    [["gemini-worker", "proxy_credentials"]],
    ["codex-worker proxy_credentials"],
  ],
  ["Codex with an API key", { ...none, codex: { auth: "api_key" } }, [], ["codex-worker openai_api_key"]],
  ["Codex with a stored API key", { ...none, codex: { auth: "api_key" } }, [["codex-worker", "openai_api_key"]], []],
])("%s", (_, settings, stored, missing) => {
  const files = stored.map(([consumer, name]) => ({ consumer, name }));
  expect(missingSecrets(Environment.fromSettings(settings).settings, files).map(({ consumer, name }) => `${consumer} ${name}`)).toEqual(
    missing,
  );
});
