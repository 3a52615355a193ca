import type { Agent, CheckResult, CodexWorkerStartupProfile, Configuration, ExitCode, VariableName } from "../contract";
import type { Database } from "../store";

/** What a check found out, before it is timed and named. */
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
  /** Stable, as in logs and the startup profile. */
  readonly id: string;
  /** What is checked, one line. */
  readonly what: string;
  readonly workers: readonly Agent[];
  /** Exit codes it can stop the worker with; none when all it does is warn, or when the worker waits. */
  readonly refuses: readonly ExitCode[];
  /** What usually cures it, one line for the documentation; each finding says what cures that one. */
  readonly fix: string;
  /** Also part of the short second look right before Celery consumes. */
  readonly cheap?: true;
  /** Checks that must have passed first; where one did not, this one is not carried out. */
  readonly after?: readonly string[];
  /** Checks that must be over first. Left out by another, they stop nothing here; only their own failure does. */
  readonly behind?: readonly string[];
  run(context: PreflightContext): Promise<Outcome>;
}

export interface PreflightContext {
  readonly worker: Agent;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Everything but secrets, which each check reads for itself. */
  readonly config: Configuration<VariableName>;
  readonly secrets: string;
  readonly requirementsPath: string;
  readonly codexHome: string;
  /** The short second look: nothing is run, waited for or changed. */
  readonly cheap: boolean;
  /** Aborts when waiting has lost its sense: the time is up, or another check has failed already. */
  readonly waiting: AbortSignal;
  /** The pool that all checks share; opened with the first call. */
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
