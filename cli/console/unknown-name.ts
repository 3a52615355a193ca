import { distance } from "fastest-levenshtein";
import { UsageError } from "./operator-error";

/** How much of a name may be written differently, so that it is still taken for a slip. */
const SIMILAR = 0.4;

/** The one of these names a person may have meant; undefined when none is close. */
export function nearest(name: string, possible: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const beginning = possible.filter((each) => wanted.length >= 2 && each.toLowerCase().startsWith(wanted));
  if (beginning.length === 1) return beginning[0];
  const difference = (each: string) => (letters(each) === letters(wanted) ? 1 : distance(wanted, each.toLowerCase()));
  const [best] = [...possible].sort((a, b) => difference(a) - difference(b));
  if (best === undefined) return undefined;
  return difference(best) < Math.max(name.length, best.length) * SIMILAR ? best : undefined;
}

/** Two letters that were typed in the wrong order are one slip. */
function letters(name: string): string {
  return [...name.toLowerCase()].sort().join("");
}

/**
 * Says what is not there, what may have been meant, and what there is.
 *
 * @param others How the names there are begin. @default - "there are"
 */
export function unknownName(problem: string, name: string, possible: readonly string[], others?: string): UsageError {
  const meant = nearest(name, possible);
  const offer = meant === undefined ? "" : `did you mean ${meant}? `;
  return new UsageError(
    `${problem}; ${offer}${others ?? (possible.length === 1 ? "there is" : "there are")} ${possible.join(", ") || "none"}`,
  );
}
