import { distance } from "fastest-levenshtein";
import { UsageError } from "./operator-error";

/** Share of a name that may differ for it to count as a typing error. */
const SIMILAR = 0.4;

/** The name that a person probably meant; undefined when none is similar. */
export function nearest(name: string, possible: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const beginning = possible.filter((each) => wanted.length >= 2 && each.toLowerCase().startsWith(wanted));
  if (beginning.length === 1) return beginning[0];
  const difference = (each: string) => (letters(each) === letters(wanted) ? 1 : distance(wanted, each.toLowerCase()));
  const [best] = [...possible].sort((a, b) => difference(a) - difference(b));
  if (best === undefined) return undefined;
  return difference(best) < Math.max(name.length, best.length) * SIMILAR ? best : undefined;
}

/** The sorted letters of a name: two swapped letters count as one difference. */
function letters(name: string): string {
  return [...name.toLowerCase()].sort().join("");
}

/**
 * An error that names the problem, the name that was probably meant, and all possible names.
 *
 * @param others Words before the possible names. @default - "there are"
 */
export function unknownName(problem: string, name: string, possible: readonly string[], others?: string): UsageError {
  const meant = nearest(name, possible);
  const offer = meant === undefined ? "" : `did you mean ${meant}? `;
  return new UsageError(
    `${problem}; ${offer}${others ?? (possible.length === 1 ? "there is" : "there are")} ${possible.join(", ") || "none"}`,
  );
}
