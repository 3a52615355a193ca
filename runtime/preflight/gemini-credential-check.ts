import { ExitCode, geminiCredential } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome } from "./check";
import { describeKeys, seeGoogleKeys } from "./google-key";
import type { GoogleKeySightings } from "./google-key";

/** The Gemini CLI can authenticate. The embeddings, which take either key, have a check of their own. */
export const geminiCredentialCheck: Check = {
  id: "gemini.credential",
  what: "the Gemini CLI has a key: GEMINI_API_KEY, or GOOGLE_API_KEY passed on under that name, or an endpoint in gemini.base_url that needs no key",
  workers: ["gemini"],
  refuses: [ExitCode.CONFIGURATION],
  fix: "`codex-fleet secrets set ENV gemini_api_key`",
  run: async (context) =>
    judgeGeminiCredential(context.config.FLEET_ENVIRONMENT, context.config.GOOGLE_GEMINI_BASE_URL, seeGoogleKeys(context)),
};

export function judgeGeminiCredential(environmentName: string, baseUrl: string | undefined, keys: GoogleKeySightings): Outcome {
  const expected = "GEMINI_API_KEY or GOOGLE_API_KEY, not blank, or gemini.base_url of an endpoint that needs no key";
  const key = (name: keyof GoogleKeySightings) => (keys[name] === "set" ? "set" : undefined);
  const credential = geminiCredential({ geminiKey: key("GEMINI_API_KEY"), googleKey: key("GOOGLE_API_KEY"), baseUrl });
  const fix = `codex-fleet secrets set ${environmentName} gemini_api_key, then codex-fleet up`;
  const broken = Object.values(keys).some((seen) => typeof seen === "object");
  if (credential === undefined || (credential.source === "placeholder" && broken)) return failed(describeKeys(keys), expected, fix);
  if (credential.source === "placeholder") {
    return ok(`no key; requests go to ${baseUrl} with a placeholder instead of a key`, expected);
  }
  return ok(`key from ${credential.source.toUpperCase()}${baseUrl === undefined ? "" : `, requests go to ${baseUrl}`}`, expected);
}
