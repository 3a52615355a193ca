import { PLAIN } from "./colour";
import type { Paint } from "./colour";
import { OperatorError } from "./operator-error";
import { output } from "./output";
import type { Output } from "./output";

const GIB = 1024 ** 3;

/** One requirement that must be fulfilled before anything is changed. */
export interface Prerequisite {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly required: string;
  /** What to do about it; empty when it is fulfilled. */
  readonly fix: string;
}

/** One row of the table. */
export function row(name: string, ok: boolean, found: string, required: string, fix: string): Prerequisite {
  return { name, ok, found, required, fix: ok ? "" : fix };
}

/** Lines for a person: one per prerequisite, with the fix below a missing one. */
export function prerequisiteLines(rows: readonly Prerequisite[], paint: Paint = PLAIN): string[] {
  return rows.flatMap((item) => [
    `${item.ok ? paint.good("ok     ") : paint.bad("MISSING")} ${item.name}: found ${item.found}, required ${item.required}`,
    ...(item.fix === "" ? [] : [`        fix: ${item.fix}`]),
  ]);
}

/** Reports for each prerequisite whether it is fulfilled. */
export function showPrerequisites(rows: readonly Prerequisite[], speech: Output = output()): void {
  for (const item of rows) speech.event({ event: "prerequisite", ...item }, prerequisiteLines([item], speech.paint));
}

/** A prerequisite is missing; nothing was changed. */
export class MissingPrerequisitesError extends OperatorError {
  constructor(readonly missing: readonly Prerequisite[]) {
    super(`missing: ${missing.map(({ name }) => name).join(", ")}; nothing was changed`);
    this.name = "MissingPrerequisitesError";
  }
}

/** Compares versions like a sort function; it ignores suffixes after the three numbers (`+dfsg1`, `-rc1`). */
export function compareVersions(left: string, right: string): number {
  const numbers = (version: string) => version.split(/[-+]/)[0]!.split(".").map(Number);
  const [a, b] = [numbers(left), numbers(right)];
  return [0, 1, 2].map((index) => (a[index] ?? 0) - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

export function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
