const UNITS: Readonly<Record<string, number>> = { MiB: 1, GiB: 1_024 };

/**
 * Parses a text such as `512MiB` or `2GiB` to MiB, the unit of Docker's limits.
 *
 * @throws Error naming the value and what is allowed.
 */
export function parseMemory(text: string): number {
  const match = /^(\d+)(MiB|GiB)$/.exec(text.trim());
  if (match === null) throw new Error(`must be whole MiB or GiB, for example "512MiB" or "2GiB"`);
  return Number(match[1]) * UNITS[match[2]!]!;
}
