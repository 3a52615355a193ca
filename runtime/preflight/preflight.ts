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
  /** `full` changes CODEX_HOME/config.toml where it must; `cheap` only looks, and runs and waits for nothing. */
  readonly depth: "full" | "cheap";
  /** Whether broker and database are waited for, FLEET_WAIT_TIMEOUT at most, or asked once. */
  readonly wait: boolean;
  readonly onResult?: (result: CheckResult) => void;
  /** @default /run/secrets */
  readonly secrets?: string;
  /** @default /etc/codex/requirements.toml, the only place Codex reads */
  readonly requirementsPath?: string;
}

export interface PreflightVerdict {
  /** Name of the worker, also when its configuration is not valid. */
  readonly worker: string;
  readonly results: readonly CheckResult[];
  readonly exitCode: ExitCode;
  /** Undefined when the variables themselves are not valid. */
  readonly checked: { readonly configuration: WorkerConfiguration; readonly profile: CodexWorkerStartupProfile } | undefined;
  /** The pool the checks used, for whoever goes on; undefined when it was not opened. */
  readonly database: Database | undefined;
}

/** Checks everything a worker needs before it accepts jobs. Whoever calls it closes the database. */
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
      // The clients of database and broker are loaded when they are needed: the second look is part of every start.
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
