import { ConfigurationError } from "../contract";
import type { Agent, CheckResult } from "../contract";
import { failed } from "./check";
import type { Check, Outcome, PreflightContext, PreflightFacts } from "./check";

/** A check's result and its facts for the startup profile. */
export interface CheckedResult {
  readonly result: CheckResult;
  readonly facts: Partial<PreflightFacts>;
  /** Whether the check was skipped because another one did not pass. */
  readonly leftOut: boolean;
}

/** The checks of a worker; for the second run only the cheap ones. */
export function checksOf(checks: readonly Check[], worker: Agent, cheap: boolean): Check[] {
  return checks.filter((check) => check.workers.includes(worker) && (!cheap || check.cheap === true));
}

/**
 * Runs checks concurrently, each as soon as the checks it depends on have passed.
 *
 * @param onResult Called with each result as soon as it is known.
 * @param onFailure Called when a check has failed, so that the others stop waiting.
 * @returns the results in the order of `checks`.
 */
export async function runPreflight(
  checks: readonly Check[],
  context: PreflightContext,
  onResult: (result: CheckResult) => void = () => undefined,
  onFailure: () => void = () => undefined,
): Promise<CheckedResult[]> {
  const results = new Map<string, Promise<CheckedResult>>();
  const start = (check: Check): Promise<CheckedResult> => {
    const known = results.get(check.id);
    if (known !== undefined) return known;
    const named = (ids: readonly string[] = []) => checks.filter(({ id }) => ids.includes(id)).map(start);
    const outcome = Promise.all([Promise.all(named(check.after)), Promise.all(named(check.behind))]).then(async ([after, behind]) => {
      const blocked = blockedBy([...after, ...behind.filter(({ leftOut }) => !leftOut)].map(({ result }) => result));
      const started = performance.now();
      const { facts = {}, ...finding } = blocked ?? (await outcomeOf(check, context));
      const result = { id: check.id, ...finding, milliseconds: Math.round(performance.now() - started) };
      if (result.status === "failed") onFailure();
      onResult(result);
      return { result, facts, leftOut: blocked !== undefined };
    });
    results.set(check.id, outcome);
    return outcome;
  };
  return Promise.all(checks.map(start));
}

function blockedBy(before: readonly CheckResult[]): Outcome | undefined {
  const blocking = before.find((result) => result.status === "failed") ?? before.find((result) => result.status === "unavailable");
  if (blocking === undefined) return undefined;
  return {
    status: blocking.status,
    found: `not checked, ${blocking.id} did not pass`,
    expected: `${blocking.id} to pass first`,
    fix: `fix ${blocking.id}`,
  };
}

async function outcomeOf(check: Check, context: PreflightContext): Promise<Outcome> {
  try {
    return await check.run(context);
  } catch (error) {
    if (error instanceof ConfigurationError)
      return failed(error.message.replaceAll("\n", "; "), "valid variables", "correct the variables named");
    return failed(
      `the check itself failed: ${(error as Error).message}`,
      check.what,
      "run fleet-preflight --once in the container for the whole report",
    );
  }
}
