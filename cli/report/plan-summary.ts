import { hasChanges } from "./fleet-changes";
import type { Exposure, FleetChanges, ServiceChange } from "./fleet-changes";

/** Maximum number of causes that are named for one service. */
const CAUSES = 4;

/** Summary of a plan in at most ten lines, for a person who has to confirm it. */
export function summaryLines(environment: string, changes: FleetChanges): string[] {
  if (!hasChanges(changes)) return [`${environment}: nothing to change`];
  return [
    `${environment}: ${countWords(changes)}`,
    ...SERVICE_LINES.flatMap(({ label, of }) => {
      const chosen = changes.services.filter(of);
      return chosen.length === 0 ? [] : [line(label, chosen.map(serviceWords).join("; "))];
    }),
    ...(changes.images.length === 0 ? [] : [line("images", `${[...new Set(changes.images)].join(", ")}, built or pulled first`)]),
    line("data", dataWords(changes)),
    line("exposure", exposureWords(changes.exposure)),
    line("longest wait", waitWords(changes)),
  ];
}

/** One line for each way in which services change. */
const SERVICE_LINES: readonly { readonly label: string; readonly of: (change: ServiceChange) => boolean }[] = [
  { label: "create", of: ({ action }) => action === "create" },
  { label: "in place", of: ({ action }) => action === "update" },
  { label: "no gap", of: ({ action, gap }) => action === "replace" && !gap },
  { label: "with a gap", of: ({ action, gap }) => action === "replace" && gap },
  { label: "destroy", of: ({ action }) => action === "destroy" },
];

function line(label: string, words: string): string {
  return `  ${label.padEnd(14)}${words}`;
}

function countWords({ counts }: FleetChanges): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([action, count]) => `${count} to ${action}`)
    .join(", ");
}

function serviceWords({ service, containers, action, causes }: ServiceChange): string {
  const name = containers === 1 ? service : `${service} x${containers}`;
  if (action === "create" || action === "destroy" || causes.length === 0) return name;
  const more = causes.length > CAUSES ? ` and ${causes.length - CAUSES} more` : "";
  return `${name} (${causes.slice(0, CAUSES).join(", ")}${more})`;
}

function dataWords({ volumes, replacedNetworks }: FleetChanges): string {
  const parts = [
    ...(volumes.deleted.length === 0 ? [] : [`DELETED WITH EVERYTHING IN IT: ${volumes.deleted.join(", ")}`]),
    ...(volumes.forgotten.length === 0 ? [] : [`left on the engine, no longer managed: ${volumes.forgotten.join(", ")}`]),
    ...(volumes.created.length === 0 ? [] : [`${volumes.created.length} new ${volumes.created.length === 1 ? "volume" : "volumes"}`]),
    ...(replacedNetworks.length === 0 ? [] : [`networks recreated: ${replacedNetworks.join(", ")}`]),
  ];
  return parts.length === 0 ? "none touched" : parts.join("; ");
}

function exposureWords(exposure: readonly Exposure[]): string {
  if (exposure.length === 0) return "unchanged";
  return exposure
    .map(({ service, address, change, public: reachable }) =>
      change === "closed"
        ? `${service} no longer on ${address}`
        : `${service} on ${address} (${reachable ? "OTHER MACHINES" : "this machine"})`,
    )
    .join("; ");
}

function waitWords({ services, longestWait }: FleetChanges): string {
  const slow = [...services].filter(({ action }) => action === "replace" || action === "destroy").sort((a, b) => b.grace - a.grace)[0];
  const because = slow === undefined || slow.grace === 0 ? "" : `; ${slow.service} may finish what it runs (${duration(slow.grace)})`;
  return longestWait === 0 ? "none" : `${duration(longestWait)} at most${because}`;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
