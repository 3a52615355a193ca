import { NETWORK_NAMES } from "../contract";

/** Names an agent and the commands it runs may see. Everything else, secrets above all, stays with the stage runner. */
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

/** The part of an environment an agent gets, and what is added for it. */
export function agentEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const passed = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (PASSED.has(entry[0].toUpperCase()) || entry[0].startsWith("LC_")),
  );
  return { ...Object.fromEntries(passed), ...added };
}
