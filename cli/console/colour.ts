import { styleText } from "node:util";

/** Colours text as good or bad. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
}

export const PLAIN: Paint = { good: (text) => text, bad: (text) => text };

// paintFor decides whether to use colours, not Node's own check of stdout.
const COLOURED: Paint = {
  good: (text) => styleText("green", text, { validateStream: false }),
  bad: (text) => styleText("red", text, { validateStream: false }),
};

/** The properties of a stream and of the environment that decide about colours. */
type Terminal = Pick<NodeJS.WriteStream, "isTTY">;
type Wishes = Readonly<Partial<Record<"NO_COLOR" | "FORCE_COLOR" | "TERM", string>>>;

/**
 * Colours only for a terminal that is not "dumb". `NO_COLOR` (https://no-color.org) turns them off; `FORCE_COLOR` other
 * than 0 turns them on for a pipe too.
 */
export function paintFor({ isTTY }: Terminal, { NO_COLOR, FORCE_COLOR, TERM }: Wishes = process.env): Paint {
  if (NO_COLOR !== undefined && NO_COLOR !== "") return PLAIN;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return /^(0|false)$/.test(FORCE_COLOR) ? PLAIN : COLOURED;
  return isTTY && TERM !== "dumb" ? COLOURED : PLAIN;
}
