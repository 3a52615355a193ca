import type { Migration } from "kysely";
import { runs } from "./001-runs";

/**
 * Every migration by name, in order. Migrations only add (expand-only), so that workers of the previous version go on
 * working while the fleet is replaced. Never edit a released migration.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "001-runs": runs,
};
