import { parse, stringify } from "smol-toml";
import type { TomlTable } from "smol-toml";
import type { MachineFacts } from "./machine-facts";

/** First line of an overlay that `up` wrote and may overwrite; any other file belongs to the operator. Do not change the text. */
export const OVERLAY_MARKER = "# Written by codex-fleet up for this machine; git ignores it. Delete it to have it decided again.";

/** Settings that this machine needs, and the reasons. */
export interface Overlay {
  readonly values: { readonly images?: Readonly<Record<string, string>>; readonly build?: Readonly<Record<string, string>> };
  readonly reasons: readonly string[];
}

/** Decides which settings this machine needs in addition to the environment's. */
export function decideOverlay(
  facts: Pick<MachineFacts, "images" | "network">,
  set: { readonly network: string; readonly caBundle: string | undefined },
): Overlay {
  const reasons: string[] = [];
  const images: Record<string, string> = {};
  for (const image of facts.images.filter(({ source, standIn, reference }) => source === "absent" && reference !== standIn)) {
    images[image.key] = image.standIn;
    reasons.push(`${image.reference} is neither present nor in a registry that answers: ${image.standIn} is made from Debian packages`);
  }
  const build: Record<string, string> = {};
  const { bridgeMtu, uplinkMtu, caBundle } = facts.network;
  if (set.network === "default" && bridgeMtu !== undefined && uplinkMtu !== undefined && bridgeMtu > uplinkMtu) {
    build.network = "host";
    reasons.push(
      `the engine's bridge sends packets of ${bridgeMtu} bytes, the uplink takes ${uplinkMtu}: builds download through the host's network`,
    );
  }
  if (set.caBundle === undefined && caBundle !== undefined) {
    build.ca_bundle = caBundle;
    reasons.push(`this machine trusts certificates of its own: builds download with ${caBundle}`);
  }
  return {
    values: { ...(Object.keys(images).length > 0 ? { images } : {}), ...(Object.keys(build).length > 0 ? { build } : {}) },
    reasons,
  };
}

export type OverlayPlan =
  | { readonly kind: "unchanged" }
  | { readonly kind: "write"; readonly text: string }
  /** The file belongs to the operator, who has to add these lines. */
  | { readonly kind: "refused"; readonly lines: string };

/** What to do with `environments/<name>.local.toml`, given its current text. */
export function planOverlay(present: string | undefined, overlay: Overlay): OverlayPlan {
  const before = present === undefined ? {} : parse(present);
  const after = merge(before, overlay.values);
  if (stringify(after) === stringify(before)) return { kind: "unchanged" };
  if (present !== undefined && !present.startsWith(OVERLAY_MARKER)) return { kind: "refused", lines: stringify(overlay.values) };
  const kept = (present ?? "").split("\n").filter((line) => line.startsWith("# ") && line !== OVERLAY_MARKER);
  const comments = [...new Set([OVERLAY_MARKER, ...kept, ...overlay.reasons.map((reason) => `# ${reason}`)])];
  return { kind: "write", text: `${comments.join("\n")}\n\n${stringify(after)}` };
}

function merge(before: TomlTable, values: Overlay["values"]): TomlTable {
  const after: TomlTable = { ...before };
  for (const [table, keys] of Object.entries(values)) after[table] = { ...(before[table] as TomlTable | undefined), ...keys };
  return after;
}
