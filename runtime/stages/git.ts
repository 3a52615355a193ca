import { execa } from "execa";
import { agentEnvironment } from "../agents";

/** Time limit of one git command, in milliseconds. A repository of many gigabytes takes minutes. */
const GIT_TIMEOUT = 10 * 60_000;

/** Author and committer of the fleet's commits. */
const IDENTITY = { name: "Codex Fleet", email: "codex-fleet@users.noreply.github.com" };

export interface GitOptions {
  readonly directory: string;
  /** Lets git authenticate at this address. The token never appears in argv, in a remote's address or in the log. */
  readonly credential?: GitCredential | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface GitCredential {
  /** Only this address gets the token. */
  readonly url: string;
  readonly token: string;
}

/** A git command that failed; the message ends with what git said. */
export class GitError extends Error {
  constructor(
    readonly args: readonly string[],
    readonly exitCode: number | undefined,
    readonly said: string,
  ) {
    super(`git ${args.join(" ")} ended with ${exitCode ?? "a signal"}: ${said}`);
    this.name = "GitError";
  }
}

/**
 * Runs git and returns its stdout. Git reads neither the machine's nor the user's configuration and runs no hook.
 *
 * @throws GitError
 */
export async function git(args: readonly string[], options: GitOptions): Promise<string> {
  const result = await execa("git", args, {
    cwd: options.directory,
    env: gitEnvironment(options),
    extendEnv: false,
    reject: false,
    timeout: GIT_TIMEOUT,
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
  });
  if (result.exitCode === 0) return result.stdout;
  const said = redact(result.stderr.trim().slice(-1_000) || (result.shortMessage ?? ""), options.credential);
  throw new GitError(args, result.exitCode, said);
}

function gitEnvironment({ credential, environment }: GitOptions): Record<string, string> {
  const config: [string, string][] = [
    ["core.hooksPath", "/dev/null"],
    ["core.fsmonitor", "false"],
    ["gc.auto", "0"],
    ["safe.directory", "*"],
    // An empty value removes all helpers configured before.
    ["credential.helper", ""],
  ];
  if (credential !== undefined) config.push([`credential.${credential.url}.helper`, CREDENTIAL_HELPER]);
  const numbered = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    ...agentEnvironment(process.env, {}),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_COUNT: String(config.length),
    ...(Object.fromEntries(numbered) as Record<string, string>),
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
    ...(credential === undefined ? {} : { FLEET_GIT_TOKEN: credential.token }),
    ...environment,
  };
}

/** Git runs this in a shell. `printf` is a builtin, so the token is in no process's command line. */
const CREDENTIAL_HELPER = '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$FLEET_GIT_TOKEN"; }; f';

function redact(text: string, credential: GitCredential | undefined): string {
  const withoutToken = credential === undefined ? text : text.replaceAll(credential.token, "***");
  return withoutToken.replace(/(\/\/)[^/@\s]+@/g, "$1***@");
}
