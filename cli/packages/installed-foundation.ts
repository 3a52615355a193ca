/** A package in dpkg's database. */
interface Installed {
  readonly text: string;
  readonly name: string;
  readonly essential: boolean;
  /** Dependencies; each is a list of alternatives. */
  readonly needs: readonly (readonly string[])[];
  readonly provides: readonly string[];
}

/**
 * The part of dpkg's database that every system has: essential packages, apt, and their dependencies. When apt resolves
 * dependencies against it, the result is the same on every system, whatever else is installed.
 *
 * @param status Text of `/var/lib/dpkg/status`.
 * @param architecture Architecture, by dpkg's name.
 */
export function installedFoundation(status: string, architecture: string): string {
  const installed = parseStatus(status, architecture);
  const byName = new Map<string, Installed>();
  for (const entry of installed) for (const provided of entry.provides) byName.set(provided, entry);
  for (const entry of installed) byName.set(entry.name, entry);
  const found = new Set<Installed>();
  const open = installed.filter(({ essential, name }) => essential || name === "apt");
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    if (found.has(entry)) continue;
    found.add(entry);
    for (const alternatives of entry.needs) {
      const taken = alternatives.map((name) => byName.get(name)).find((candidate) => candidate !== undefined);
      if (taken !== undefined) open.push(taken);
    }
  }
  return installed
    .filter((entry) => found.has(entry))
    .map(({ text }) => `${text}\n\n`)
    .join("");
}

function parseStatus(status: string, architecture: string): Installed[] {
  return status.split(/\n{2,}/).flatMap((stanza) => {
    const text = stanza.trim();
    const field = (name: string) => new RegExp(`^${name}: *(.*(?:\\n[ \\t].*)*)`, "m").exec(text)?.[1];
    const names = (value = "") => value.split(",").map((part) => part.split("|").map((name) => name.trim().split(/[\s:(]/)[0]!));
    const name = field("Package");
    if (name === undefined || !/ ok installed$/.test(field("Status") ?? "")) return [];
    if (![architecture, "all"].includes(field("Architecture") ?? "")) return [];
    const needs = [...names(field("Pre-Depends")), ...names(field("Depends"))];
    return [{ text, name, essential: field("Essential") === "yes", needs, provides: names(field("Provides")).flat() }];
  });
}
