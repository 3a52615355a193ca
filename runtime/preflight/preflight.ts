import { hostname } from "node:os";
import { ConfigurationError, ExitCode, ImageLayout, readConfiguration } from "../contract";
import type { CheckResult, CodexWorkerStartupProfile } from "../contract";
import type { Database } from "../store";
import { CHECKS } from "./checks";
import type { PreflightContext } from "./check";
import { preflightExitCode } from "./exit-code";
import { checksOf, runPreflight } from "./run-preflight";
import { startupProfile } from "./startup-profile";
import { readWorkerConfiguration } from "./worker-configuration";
import type { WorkerConfiguration } from "./worker-configuration";

export interface PreflightOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `full` corrects CODEX_HOME/config.toml; `cheap` changes nothing, starts no program and does not wait. */
  readonly depth: "full" | "cheap";
  /** Whether to wait for broker and database, at most FLEET_WAIT_TIMEOUT; otherwise they are asked once. */
  readonly wait: boolean;
  readonly onResult?: (result: CheckResult) => void;
  /** @default /run/secrets */
  readonly secrets?: string;
  /** @default /etc/codex/requirements.toml, the only path Codex reads */
  readonly requirementsPath?: string;
}

export interface PreflightVerdict {
  /** Name of the worker; its hostname when the configuration is invalid. */
  readonly worker: string;
  readonly results: readonly CheckResult[];
  readonly exitCode: ExitCode;
  /** Undefined when the variables themselves are not valid. */
  readonly checked: { readonly configuration: WorkerConfiguration; readonly profile: CodexWorkerStartupProfile } | undefined;
  /** The connection pool of the checks, which the caller may use on and must close; undefined when it was not opened. */
  readonly database: Database | undefined;
}

/** Checks everything a worker needs before it accepts jobs. The caller closes `database`. */
export async function preflight(options: PreflightOptions): Promise<PreflightVerdict> {
  const startedAt = new Date();
  let configuration: WorkerConfiguration;
  try {
    configuration = readWorkerConfiguration(options.environment, hostname());
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return invalidConfiguration(error, options.onResult);
  }
  const { worker, name, config, codexHome } = configuration;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), config.FLEET_WAIT_TIMEOUT);
  if (!options.wait) giveUp.abort();
  const secrets = options.secrets ?? ImageLayout.secrets;
  let database: Database | undefined;
  const context: PreflightContext = {
    worker,
    environment: options.environment,
    config,
    secrets,
    requirementsPath: options.requirementsPath ?? ImageLayout.codexRequirements,
    codexHome,
    cheap: options.depth === "cheap",
    waiting: giveUp.signal,
    database: async () => {
      // Load the clients of database and broker only when needed: every start waits for the cheap run, which uses neither.
      const { DATABASE_VARIABLES, openDatabase } = await import("../store");
      const settings = { ...config, ...readConfiguration(DATABASE_VARIABLES, options.environment, secrets) };
      return (database ??= openDatabase(settings, { connections: 1, application: `preflight ${name}` }));
    },
  };
  const checks = checksOf(CHECKS, worker, context.cheap);
  const checked = await runPreflight(checks, context, options.onResult, () => giveUp.abort());
  clearTimeout(timer);
  const profile = startupProfile(configuration, checked, "starting", startedAt);
  return {
    worker: name,
    results: profile.checks,
    exitCode: preflightExitCode(profile.checks),
    checked: { configuration, profile },
    database,
  };
}

function invalidConfiguration(error: ConfigurationError, onResult: PreflightOptions["onResult"]): PreflightVerdict {
  const result: CheckResult = {
    id: "configuration",
    status: "failed",
    found: error.problems.map(({ name, message }) => `${name}: ${message}`).join("; "),
    expected: "every variable valid (docs/configuration.md)",
    fix: "correct them in the environment file, then codex-fleet up",
    milliseconds: 0,
  };
  onResult?.(result);
  return { worker: hostname(), results: [result], exitCode: ExitCode.CONFIGURATION, checked: undefined, database: undefined };
}
