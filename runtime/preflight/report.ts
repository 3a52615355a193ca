import type { CheckResult } from "../contract";
import { preflightExitCode } from "./exit-code";

const WORDS: Readonly<Record<CheckResult["status"], string>> = { ok: "ok", warning: "warning", failed: "FAILED", unavailable: "DOWN" };

/** A report for people: a line per check; for a check that did not pass also what was expected and what to do. */
export function preflightReport(worker: string, results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ id }) => id.length));
  const indent = " ".repeat(11);
  const lines = results.flatMap(({ id, status, found, expected, fix }) => {
    const line = `  ${WORDS[status].padEnd(8)} ${id.padEnd(width)}  ${found}`;
    if (status === "ok" || found.startsWith("not checked")) return [line];
    return [line, `${indent}expected: ${expected}`, ...(fix === "" ? [] : [`${indent}fix:      ${fix}`])];
  });
  return [`preflight of ${worker}`, ...lines, conclusion(results), ""].join("\n");
}

function conclusion(results: readonly CheckResult[]): string {
  const code = preflightExitCode(results);
  const ids = (status: CheckResult["status"]) =>
    results
      .filter((result) => result.status === status && !result.found.startsWith("not checked"))
      .map(({ id }) => id)
      .join(", ");
  if (code === 0) return `  ${results.length} checks passed`;
  return `  no job is accepted, exit code ${code}: ${[ids("failed"), ids("unavailable")].filter((part) => part !== "").join(", ")}`;
}
