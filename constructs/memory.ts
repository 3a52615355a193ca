const UNITS: Readonly<Record<string, number>> = { MiB: 1, GiB: 1_024 };

/**
 * MiB of a text such as `512MiB` or `2GiB`, the unit Docker's limits are given in.
 *
 * @throws Error naming the value and what is allowed.
 */
export function parseMemory(text: string): number {
  const match = /^(\d+)(MiB|GiB)$/.exec(text.trim());
  if (match === null) throw new Error(`must be whole MiB or GiB, for example "512MiB" or "2GiB"`);
  return Number(match[1]) * UNITS[match[2]!]!;
}
