import { styleText } from "node:util";

/** Marks words as good or bad. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
}

export const PLAIN: Paint = { good: (text) => text, bad: (text) => text };

// Whether there are colours is decided here, not by what Node finds about its own stdout.
const COLOURED: Paint = {
  good: (text) => styleText("green", text, { validateStream: false }),
  bad: (text) => styleText("red", text, { validateStream: false }),
};

/** What of a stream and of the environment decides about colours. */
type Terminal = Pick<NodeJS.WriteStream, "isTTY">;
type Wishes = Readonly<Partial<Record<"NO_COLOR" | "FORCE_COLOR" | "TERM", string>>>;

/**
 * Colours for a terminal and nowhere else; `NO_COLOR` (https://no-color.org) takes them away, `FORCE_COLOR` other than 0
 * gives them to a pipe too, and a terminal that is "dumb" has none.
 */
export function paintFor({ isTTY }: Terminal, { NO_COLOR, FORCE_COLOR, TERM }: Wishes = process.env): Paint {
  if (NO_COLOR !== undefined && NO_COLOR !== "") return PLAIN;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return /^(0|false)$/.test(FORCE_COLOR) ? PLAIN : COLOURED;
  return isTTY && TERM !== "dumb" ? COLOURED : PLAIN;
}
