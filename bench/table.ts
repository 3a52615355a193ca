import type { Pair } from "./measure";

export type Unit = "s" | "ms" | "MB";

/** What a row has to reach. */
export interface Target {
  readonly text: string;
  readonly isMet: (figures: Pair<number>) => boolean;
}

/** At most so many times as much as the peer. */
export function atMost(factor: number): Target {
  return { text: `≤ ${factor}×`, isMet: ({ ours, peer }) => ours <= peer * factor };
}

/** So many times faster than the peer. */
export function faster(factor: number): Target {
  return { text: `≥ ${factor}× faster`, isMet: ({ ours, peer }) => ours * factor <= peer };
}

/** At most so much more than the peer, in the unit of the row. */
export function atMostMore(amount: number, unit: Unit): Target {
  return { text: `≤ +${amount} ${unit}`, isMet: ({ ours, peer }) => ours <= peer + amount };
}

/** Less than a number, whatever the peer needs. */
export function below(amount: number, unit: Unit): Target {
  return { text: `< ${amount} ${unit}`, isMet: ({ ours }) => ours < amount };
}

/** One measurement: ours against a peer in one unit. */
export interface Row {
  /** Its name on the command line. */
  readonly name: string;
  readonly what: string;
  readonly against: string;
  readonly unit: Unit;
  readonly target: Target;
  /**
   * Both medians.
   *
   * @throws Error saying why they cannot be measured here.
   */
  readonly measure: () => Promise<Pair<number>>;
}

/** A row that was measured, or the reason why it was not. */
export type Outcome = Pair<number> | { readonly reason: string };

const HEAD = ["", "what", "ours", "peer", "ratio", "target", "against"] as const;

/** The table, a line for each row. */
export function table(rows: readonly (readonly [Row, Outcome])[]): string {
  const cells = rows.map(([row, outcome]) => ("reason" in outcome ? unmeasured(row) : measured(row, outcome)));
  const widths = HEAD.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]!.length)));
  const lines = [HEAD, ...cells].map((line) =>
    line
      .map((cell, column) => (column >= 2 && column <= 4 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
  const reasons = rows.flatMap(([{ name }, outcome]) => ("reason" in outcome ? [`${name} was not measured: ${outcome.reason}`] : []));
  return [...lines, ...(reasons.length > 0 ? ["", ...reasons] : [])].join("\n");
}

function measured({ what, against, unit, target }: Row, figures: Pair<number>): string[] {
  const verdict = target.isMet(figures) ? "ok" : "MISSED";
  return [verdict, what, amount(figures.ours, unit), amount(figures.peer, unit), ratio(figures), target.text, against];
}

function unmeasured({ what, against, target }: Row): string[] {
  return ["-", what, "-", "-", "-", target.text, against];
}

function amount(value: number, unit: Unit): string {
  const digits = unit === "s" ? 1 : value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

function ratio({ ours, peer }: Pair<number>): string {
  const value = ours / peer;
  return value < 0.1 ? `1/${(1 / value).toFixed(0)}` : value.toFixed(2);
}
