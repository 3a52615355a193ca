import type { Agent, CheckResult, CodexWorkerStartupProfile, Configuration, ExitCode, VariableName } from "../contract";
import type { Database } from "../store";

/** What a check found, without the check's id and duration. */
export type Finding = Pick<CheckResult, "status" | "found" | "expected" | "fix">;

/** A finding and what it adds to the startup profile. */
export interface Outcome extends Finding {
  readonly facts?: Partial<PreflightFacts>;
}

/** The parts of the startup profile that checks fill in. */
export interface PreflightFacts extends Pick<
  CodexWorkerStartupProfile,
  "queueBindings" | "speckitCapability" | "embeddingReadiness" | "authVolume"
> {
  readonly tool: { readonly name: string; readonly path: string; readonly version: string };
  readonly login: "present" | "absent" | "not_needed";
}

/** One thing that must hold before a worker accepts jobs. */
export interface Check {
  /** Stable; logs and the startup profile show it. */
  readonly id: string;
  /** What is checked, one line. */
  readonly what: string;
  readonly workers: readonly Agent[];
  /** Exit codes with which the check can stop the worker; empty when it only warns or makes the worker wait. */
  readonly refuses: readonly ExitCode[];
  /** The usual fix, one line for the documentation; each finding has a fix of its own. */
  readonly fix: string;
  /** Also part of the short second run right before Celery consumes. */
  readonly cheap?: true;
  /** Checks that must pass first; when one of them does not, this check is skipped. */
  readonly after?: readonly string[];
  /** Checks that must finish first. This check is skipped when one of them fails, but not when one of them was skipped. */
  readonly behind?: readonly string[];
  run(context: PreflightContext): Promise<Outcome>;
}

export interface PreflightContext {
  readonly worker: Agent;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** All variables but the secrets, which each check reads itself. */
  readonly config: Configuration<VariableName>;
  readonly secrets: string;
  readonly requirementsPath: string;
  readonly codexHome: string;
  /** The short second run, which starts no program, waits for nothing and changes nothing. */
  readonly cheap: boolean;
  /** Aborts when waiting is pointless: the time is up, or another check has failed. */
  readonly waiting: AbortSignal;
  /** The connection pool that all checks share; the first call opens it. */
  database(): Promise<Database>;
}

export function ok(found: string, expected: string, facts?: Partial<PreflightFacts>): Outcome {
  return { status: "ok", found, expected, fix: "", ...(facts === undefined ? {} : { facts }) };
}

export function failed(found: string, expected: string, fix: string, facts?: Partial<PreflightFacts>): Outcome {
  return { status: "failed", found, expected, fix, ...(facts === undefined ? {} : { facts }) };
}

export function warning(found: string, expected: string, fix: string, facts?: Partial<PreflightFacts>): Outcome {
  return { status: "warning", found, expected, fix, ...(facts === undefined ? {} : { facts }) };
}

export function unavailable(found: string, expected: string, fix: string): Outcome {
  return { status: "unavailable", found, expected, fix };
}
