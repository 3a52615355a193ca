import type { BrokenWorker } from "./broken-worker";

/** A line of the table: the checks, the fault, how the worker reported it, how it recovered. */
export interface Proof {
  readonly checks: string;
  readonly broken: string;
  readonly found: string;
  readonly healed: string;
}

export const Healed = {
  SAME_CONTAINER: "yes, the same container",
  NO_RESTART: "yes, without a restart",
  NOTHING_TO_HEAL: "works all the same",
  RIGHT_IMAGE: "yes, by a container of the right image",
  RIGHT_DEFINITION: "yes, by a container of the right definition",
} as const;

/** The line of a broken worker in docs/preflight.md, which the test has to confirm. */
export function expected({ broken, red, shows, mend, image }: BrokenWorker): Proof {
  const found = {
    warns: "a warning, phase consuming",
    waits: "a warning, phase waiting_for_login",
    78: "exit code 78",
    69: "exit code 69",
  }[shows];
  const cured = image === undefined ? Healed.RIGHT_DEFINITION : Healed.RIGHT_IMAGE;
  const healed =
    shows === "warns" ? Healed.NOTHING_TO_HEAL : mend === undefined ? cured : shows === "waits" ? Healed.NO_RESTART : Healed.SAME_CONTAINER;
  return { checks: Object.keys(red).sort().join(", "), broken, found, healed };
}

/** Two replicas on one volume are not a fault, but must work too. */
export const TWO_REPLICAS: Proof = {
  checks: "policy.config",
  broken: "two replicas write the managed settings to one config.toml at the same time",
  found: "merged once, under a lock",
  healed: "both ready, one whole file",
};
