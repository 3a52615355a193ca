import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The login in CODEX_HOME/auth.json. The file itself is read because `codex login status` proves little. */
export type CodexLogin =
  | { readonly kind: "absent" }
  /** The file exists, but Codex could not authenticate with it. */
  | { readonly kind: "useless"; readonly reason: string }
  | { readonly kind: "api_key"; readonly mode: number }
  | {
      readonly kind: "chatgpt";
      readonly mode: number;
      /** When the access token expires, ISO 8601; undefined when the token does not say. */
      readonly expires: string | undefined;
      /** When Codex last renewed the token, ISO 8601. */
      readonly lastRefresh: string | undefined;
    };

const AuthFile = z.object({
  OPENAI_API_KEY: z.string().nullish(),
  tokens: z.object({ access_token: z.string().nullish(), refresh_token: z.string().nullish() }).nullish(),
  last_refresh: z.string().nullish(),
});

/** Reads the login of a CODEX_HOME. */
export async function readCodexLogin(codexHome: string): Promise<CodexLogin> {
  const file = join(codexHome, "auth.json");
  try {
    const [text, found] = await Promise.all([readFile(file, "utf8"), stat(file)]);
    return parseCodexLogin(text, found.mode & 0o777);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { kind: "absent" } : { kind: "useless", reason: `cannot be read (${code ?? message})` };
  }
}

/** @param mode Permission bits of the file. */
export function parseCodexLogin(text: string, mode: number): CodexLogin {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: "useless", reason: "is not JSON" };
  }
  const parsed = AuthFile.safeParse(json);
  if (!parsed.success) return { kind: "useless", reason: "does not have the form Codex writes" };
  const { OPENAI_API_KEY: key, tokens, last_refresh: lastRefresh } = parsed.data;
  if (isFilled(key)) return { kind: "api_key", mode };
  if (!isFilled(tokens?.access_token)) return { kind: "useless", reason: "holds neither an API key nor an access token" };
  if (!isFilled(tokens.refresh_token)) return { kind: "useless", reason: "holds an access token that cannot be renewed" };
  const expires = expiryOf(tokens.access_token);
  return {
    kind: "chatgpt",
    mode,
    expires: expires === undefined ? undefined : new Date(expires).toISOString(),
    lastRefresh: lastRefresh ?? undefined,
  };
}

/** When a JSON Web Token expires, in milliseconds since 1970; undefined when it does not say or is not a JWT. */
function expiryOf(token: string): number | undefined {
  try {
    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as { exp?: unknown };
    return typeof payload.exp === "number" ? payload.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function isFilled(value: string | null | undefined): value is string {
  return typeof value === "string" && value.trim() !== "";
}
