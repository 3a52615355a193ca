import { NETWORK_NAMES } from "../contract";

/** Variables the agent and its commands may see. The agent does not get any other, above all no secret. */
const PASSED = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TERM",
  "TMPDIR",
  ...NETWORK_NAMES,
  "CODEX_SQLITE_HOME",
  "GEMINI_CLI_SYSTEM_SETTINGS_PATH",
]);

/** The environment of an agent: the allowed part of the given one, and `added`. */
export function agentEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const passed = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (PASSED.has(entry[0].toUpperCase()) || entry[0].startsWith("LC_")),
  );
  return { ...Object.fromEntries(passed), ...added };
}
