import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** How Codex authenticates, `CODEX_AUTH`. */
export type CodexAuth = "chatgpt" | "api_key" | "none";

const Login = z.object({
  OPENAI_API_KEY: z.string().min(1).nullish(),
  tokens: z.object({ access_token: z.string().min(1), refresh_token: z.string().min(1) }).nullish(),
});

/** What is wrong with the credential; `fix` says what a person does about it. */
export interface CredentialProblem {
  readonly reason: string;
  readonly fix: string;
}

/** Checks that the credential of the mode exists; null when it does. `codex login status` would accept an empty file. */
export async function codexCredentialProblem(options: {
  readonly auth: CodexAuth;
  readonly codexHome: string;
  readonly apiKey: string | undefined;
  readonly providerUrl: string | undefined;
}): Promise<CredentialProblem | null> {
  switch (options.auth) {
    case "api_key":
      if (options.apiKey?.trim()) return null;
      return {
        reason: 'codex.auth is "api_key", but the secret openai_api_key is missing or blank',
        fix: "set it with `codex-fleet secrets set ENVIRONMENT openai_api_key`",
      };
    case "none":
      if (options.providerUrl !== undefined) return null;
      return {
        reason: 'codex.auth is "none", but no provider is set that needs no OpenAI login',
        fix: "set codex.provider_url (CODEX_PROVIDER_URL), or choose codex.auth = chatgpt or api_key",
      };
    case "chatgpt":
      return loginFileProblem(join(options.codexHome, "auth.json"));
  }
}

async function loginFileProblem(file: string): Promise<CredentialProblem | null> {
  const fix = "log in with `codex-fleet login ENVIRONMENT` (device code)";
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return { reason: code === "ENOENT" ? `not logged in: ${file} does not exist` : `${file} cannot be read (${code})`, fix };
  }
  return readLogin(text) ? null : { reason: `${file} holds neither an API key nor tokens that can be refreshed`, fix };
}

/** Whether the text of auth.json is a login Codex can use. */
export function readLogin(text: string): boolean {
  try {
    const login = Login.parse(JSON.parse(text));
    return Boolean(login.OPENAI_API_KEY ?? login.tokens);
  } catch {
    return false;
  }
}
