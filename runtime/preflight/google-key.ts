import { ConfigurationError, readConfiguration } from "../contract";
import type { PreflightContext } from "./check";

/** Whether one of the two Google keys is set; never holds the key itself. */
export type KeySighting = "set" | "absent" | "blank" | { readonly problem: string };

export interface GoogleKeySightings {
  readonly GOOGLE_API_KEY: KeySighting;
  readonly GEMINI_API_KEY: KeySighting;
}

/** Looks for both keys in environment, files and the secrets directory. */
export function seeGoogleKeys(context: Pick<PreflightContext, "environment" | "secrets">): GoogleKeySightings {
  return { GOOGLE_API_KEY: seeKey("GOOGLE_API_KEY", context), GEMINI_API_KEY: seeKey("GEMINI_API_KEY", context) };
}

/** `GOOGLE_API_KEY is blank, GEMINI_API_KEY is not set`. */
export function describeKeys(keys: GoogleKeySightings): string {
  const words = { set: "is set", absent: "is not set", blank: "is blank" };
  return Object.entries(keys)
    .map(([name, seen]: [string, KeySighting]) => (typeof seen === "string" ? `${name} ${words[seen]}` : `${name}: ${seen.problem}`))
    .join(", ");
}

function seeKey(name: "GOOGLE_API_KEY" | "GEMINI_API_KEY", context: Pick<PreflightContext, "environment" | "secrets">): KeySighting {
  try {
    const key = readConfiguration([name], context.environment, context.secrets)[name];
    if (key === undefined) return "absent";
    return key.trim() === "" ? "blank" : "set";
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const message = error.problems[0]!.message;
    return message === "must not be empty" ? "blank" : { problem: message };
  }
}
