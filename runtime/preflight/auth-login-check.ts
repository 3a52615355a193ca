import { ExitCode, readConfiguration } from "../contract";
import { failed, ok, warning } from "./check";
import type { Check, Outcome } from "./check";
import { readCodexLogin } from "./codex-login";
import type { CodexLogin } from "./codex-login";

export interface LoginExpectation {
  readonly auth: "chatgpt" | "api_key" | "none";
  readonly hasApiKey: boolean;
  readonly providerUrl: string | undefined;
  readonly environmentName: string;
  /** Undefined on the local engine, which has no containers. */
  readonly container: string | undefined;
}

/** Codex can authenticate in the configured way. A missing login is a phase of the worker, not a failure. */
export const authLoginCheck: Check = {
  id: "auth.login",
  what: "Codex has a login (codex.auth = chatgpt), a key (api_key), or needs none",
  workers: ["codex"],
  refuses: [ExitCode.CONFIGURATION],
  fix: '`codex-fleet login ENV`; until then the worker waits (`waiting_for_login`) and takes no Codex job. With `codex.auth = "api_key"`: `codex-fleet secrets set ENV openai_api_key`',
  after: ["auth.volume"],
  run: async ({ config, environment, secrets, codexHome }) => {
    const key = config.CODEX_AUTH === "api_key" ? readConfiguration(["OPENAI_API_KEY"], environment, secrets).OPENAI_API_KEY : undefined;
    return judgeLogin(
      {
        auth: config.CODEX_AUTH,
        providerUrl: config.CODEX_PROVIDER_URL,
        hasApiKey: key !== undefined && key.trim() !== "",
        environmentName: config.FLEET_ENVIRONMENT,
        container: containerName(config.FLEET_ENGINE, environment),
      },
      await readCodexLogin(codexHome),
    );
  },
};

export function judgeLogin(wanted: LoginExpectation, login: CodexLogin): Outcome {
  if (wanted.auth === "none") {
    const expected = "codex.provider_url of a provider that asks for no login";
    if (wanted.providerUrl !== undefined)
      return ok(`codex.auth is none: ${wanted.providerUrl} asks for no login`, expected, { login: "not_needed" });
    return failed(
      "codex.auth is none, but codex.provider_url is not set",
      expected,
      "set codex.provider_url (CODEX_PROVIDER_URL), or codex.auth to chatgpt or api_key",
    );
  }
  if (wanted.auth === "api_key") {
    const expected = "OPENAI_API_KEY, not blank";
    if (wanted.hasApiKey) return ok("OPENAI_API_KEY is set", expected, { login: "not_needed" });
    return failed("OPENAI_API_KEY is missing or blank", expected, `codex-fleet secrets set ${wanted.environmentName} openai_api_key`);
  }
  const expected = "a login in auth.json, mode 0600";
  const fix = loginCommand(wanted.environmentName, wanted.container);
  if (login.kind === "absent")
    return warning("no login yet: the worker waits for it and takes no Codex job", expected, fix, { login: "absent" });
  if (login.kind === "useless")
    return warning(`auth.json ${login.reason}: the worker waits for a login and takes no Codex job`, expected, fix, { login: "absent" });
  const facts = { login: "present" as const };
  const found =
    login.kind === "api_key"
      ? "an API key in auth.json"
      : `a ChatGPT login, renewed ${login.lastRefresh ?? "never"}, access until ${login.expires ?? "unknown"}`;
  if ((login.mode & 0o077) !== 0)
    return warning(
      `${found}, mode 0${login.mode.toString(8)}`,
      expected,
      "chmod 600 auth.json: others on the volume may read the login",
      facts,
    );
  return ok(found, expected, facts);
}

/** The commands with which a person logs in, ready to copy. */
export function loginCommand(environmentName: string, container: string | undefined): string {
  const command = `codex-fleet login ${environmentName}`;
  return container === undefined ? command : `${command}, or docker exec -it ${container} codex login --device-auth`;
}

/** The name or id by which the engine knows the container of this process. */
export function containerName(engine: "docker" | "local", environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return engine === "local" ? undefined : (environment["HOSTNAME"] ?? "CONTAINER");
}
