import { OperatorError } from "./operator-error";

const GIB = 1024 ** 3;

/** One thing that has to be there before anything is changed. */
export interface Prerequisite {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly required: string;
  /** What to do about it; empty when nothing is to be done. */
  readonly fix: string;
}

/** One row of the table. */
export function row(name: string, ok: boolean, found: string, required: string, fix: string): Prerequisite {
  return { name, ok, found, required, fix: ok ? "" : fix };
}

/** The lines a person reads: one a prerequisite, the fix below what is missing. */
export function prerequisiteLines(rows: readonly Prerequisite[]): string[] {
  return rows.flatMap((item) => [
    `${item.ok ? "ok     " : "MISSING"} ${item.name}: found ${item.found}, required ${item.required}`,
    ...(item.fix === "" ? [] : [`        fix: ${item.fix}`]),
  ]);
}

/** Something has to be there before anything is changed, and is not. */
export class MissingPrerequisitesError extends OperatorError {
  constructor(readonly missing: readonly Prerequisite[]) {
    super(`missing: ${missing.map(({ name }) => name).join(", ")}; nothing was changed`);
    this.name = "MissingPrerequisitesError";
  }
}

/** Like a sort function; what follows the three numbers (`+dfsg1`, `-rc1`) does not count. */
export function compareVersions(left: string, right: string): number {
  const numbers = (version: string) => version.split(/[-+]/)[0]!.split(".").map(Number);
  const [a, b] = [numbers(left), numbers(right)];
  return [0, 1, 2].map((index) => (a[index] ?? 0) - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

export function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
