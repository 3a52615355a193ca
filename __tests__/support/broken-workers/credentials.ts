import type { BrokenWorker } from "./broken-worker";

const EMBEDDING = { embedding: { provider: "google", credential: "google_api_key" } } as const;
const ADVICE = /codex-fleet secrets set test google_api_key \(or gemini_api_key\), then codex-fleet up; or, .*provider = "none"/;
const GIVE_A_KEY = "printf a-key > secrets/google_api_key; chown 1000 secrets/google_api_key; chmod 0400 secrets/google_api_key";

/** Faults of keys and login. */
export const BROKEN_CREDENTIALS: readonly BrokenWorker[] = [
  {
    broken: "embeddings by Google without a key",
    settings: EMBEDDING,
    shows: 78,
    red: { "embedding.credential": ADVICE },
    mend: GIVE_A_KEY,
  },
  {
    broken: "embeddings by Google with an empty key",
    settings: EMBEDDING,
    spoil: "touch secrets/google_api_key; chown 1000 secrets/google_api_key",
    shows: 78,
    red: { "embedding.credential": ADVICE },
    mend: GIVE_A_KEY,
  },
  {
    broken: "embeddings by Google with a key of blanks",
    settings: EMBEDDING,
    spoil: "printf '   ' > secrets/gemini_api_key; chown 1000 secrets/gemini_api_key",
    shows: 78,
    red: { "embedding.credential": ADVICE },
    mend: GIVE_A_KEY,
  },
  {
    broken: "embeddings by Google with GOOGLE_API_KEY_FILE that names no file",
    settings: EMBEDDING,
    variables: { GOOGLE_API_KEY_FILE: "/run/secrets/nowhere" },
    shows: 78,
    red: { "embedding.credential": ADVICE },
    mend: "printf a-key > secrets/nowhere; chown 1000 secrets/nowhere; chmod 0400 secrets/nowhere",
  },
  {
    broken: 'codex.auth = "api_key" without a key',
    settings: { codex: { auth: "api_key" } },
    shows: 78,
    red: { "auth.login": /codex-fleet secrets set test openai_api_key/ },
    mend: "printf a-key > secrets/openai_api_key; chown 1000 secrets/openai_api_key; chmod 0400 secrets/openai_api_key",
  },
  {
    broken: "no login in the volume",
    settings: { codex: { auth: "chatgpt" } },
    shows: "waits",
    red: { "auth.login": /codex-fleet login test, or docker exec -it \w+ codex login --device-auth/ },
    mend: [
      `printf '{"tokens":{"access_token":"a.b.c","refresh_token":"r"}}' > auth/new; chown 1000 auth/new; chmod 600 auth/new`,
      "mv auth/new auth/auth.json",
    ].join("\n"),
  },
  {
    broken: "the Gemini worker has no key",
    agent: "gemini",
    shows: 78,
    red: { "gemini.credential": /codex-fleet secrets set test gemini_api_key, then codex-fleet up/ },
    mend: GIVE_A_KEY,
  },
];
