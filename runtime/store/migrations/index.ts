import type { Migration } from "kysely";
import { runs } from "./001-runs";

/**
 * Every migration by name, in order. They only add (expand-only): a worker of the version before goes on working while
 * the fleet is replaced. A released migration is never edited.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "001-runs": runs,
};
