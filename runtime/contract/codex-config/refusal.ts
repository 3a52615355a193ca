/** Why a config.toml was left untouched. */
export interface CodexConfigRefusal {
  /** Counted from 1; null when the fault has no place. */
  readonly line: number | null;
  readonly column: number | null;
  readonly reason: string;
  /** What a person does about it. */
  readonly fix: string;
}

/** `config.toml:4:1: reason; fix`, one line. */
export function formatRefusal(file: string, refusal: CodexConfigRefusal): string {
  const place = refusal.line === null ? file : `${file}:${refusal.line}:${refusal.column ?? 1}`;
  return `${place}: ${refusal.reason}; ${refusal.fix}`;
}

/** Line and column, counted from 1, of an offset. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
