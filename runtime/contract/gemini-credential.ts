/** Where the Gemini CLI's key comes from. */
export interface GeminiCredential {
  readonly key: string;
  readonly source: "gemini_api_key" | "google_api_key" | "placeholder";
}

/** Sent to an operator's own endpoint when no key is set: the Gemini CLI does not start without one. */
const PLACEHOLDER_KEY = "no-key";

/**
 * The key the Gemini CLI gets: GEMINI_API_KEY, else GOOGLE_API_KEY, which the CLI itself does not know. An endpoint of
 * the operator's own may need none. Undefined when the CLI could not authenticate.
 */
export function geminiCredential(given: {
  readonly geminiKey: string | undefined;
  readonly googleKey: string | undefined;
  readonly baseUrl: string | undefined;
}): GeminiCredential | undefined {
  if (given.geminiKey?.trim()) return { key: given.geminiKey, source: "gemini_api_key" };
  if (given.googleKey?.trim()) return { key: given.googleKey, source: "google_api_key" };
  return given.baseUrl === undefined ? undefined : { key: PLACEHOLDER_KEY, source: "placeholder" };
}
