import { z } from "zod";
import { ImageLayout } from "./image-layout";
import { absolutePath, httpUrl, text, WORKERS, variable } from "./variable";

/** Variables of the agents: Codex, Gemini and the embeddings. */
export const AGENT_VARIABLES = {
  CODEX_VOLUME_NAME: variable({
    description: "Docker volume that keeps the agents' login.",
    schema: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/, "must be a Docker volume name"),
    default: "codex_auth_volume",
    readers: ["api", "codex"],
    field: "codex.volume_name",
  }),
  CODEX_VOLUME_PATH: variable({
    description: "Where the login volume is mounted; CODEX_HOME is the same.",
    schema: absolutePath,
    default: `${ImageLayout.home}/.codex`,
    readers: ["codex"],
    field: "codex.volume_path",
  }),
  CODEX_AUTH: variable({
    description: "How Codex authenticates: a ChatGPT login in the volume, an API key, or not at all (own provider).",
    schema: z.enum(["chatgpt", "api_key", "none"]),
    default: "chatgpt",
    readers: ["codex"],
    field: "codex.auth",
  }),
  CODEX_MODEL: variable({
    description: "Model Codex uses instead of its own default.",
    schema: text,
    readers: ["codex"],
    field: "codex.model",
  }),
  CODEX_PROVIDER_URL: variable({
    description: "Base address of a provider with the Responses API, used instead of OpenAI.",
    schema: httpUrl,
    readers: ["codex"],
    field: "codex.provider_url",
  }),
  CODEX_TEMPLATE_PATH: variable({
    description: "Template from which the worker creates config.toml in CODEX_HOME.",
    schema: absolutePath,
    default: ImageLayout.codexTemplate,
    readers: WORKERS,
  }),
  OPENAI_API_KEY: variable({
    description: 'API key of Codex, with codex.auth = "api_key".',
    schema: text,
    readers: ["codex"],
    secret: true,
  }),

  GEMINI_API_KEY: variable({
    description: "Key of Gemini: the CLI's credential, and the embeddings' when GOOGLE_API_KEY is not set.",
    schema: text,
    readers: WORKERS,
    secret: true,
  }),
  GOOGLE_API_KEY: variable({
    description: "Google key of the embeddings; the Gemini CLI gets it when GEMINI_API_KEY is not set.",
    schema: text,
    readers: WORKERS,
    secret: true,
  }),
  GEMINI_MODEL: variable({
    description: "Model Gemini uses instead of its own default.",
    schema: text,
    readers: ["gemini"],
    field: "gemini.model",
  }),
  GOOGLE_GEMINI_BASE_URL: variable({
    description: "Address of the Gemini API, when it is not Google's own.",
    schema: httpUrl,
    readers: ["gemini"],
    field: "gemini.base_url",
  }),
  DEFAULT_EMBEDDING_PROVIDER: variable({
    description: "Provider of embeddings; with google a key has to be there before a worker accepts jobs.",
    schema: z.enum(["google", "none"]),
    default: "google",
    readers: WORKERS,
    field: "embedding.provider",
  }),
  GOOGLE_EMBEDDING_MODEL: variable({ description: "Embedding model.", schema: text, default: "gemini-embedding-001", readers: WORKERS }),
} as const;
