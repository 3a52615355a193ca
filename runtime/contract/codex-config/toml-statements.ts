import { parse } from "smol-toml";

/** A table header or a `key = value` of a TOML document, with where it stands. */
export interface TomlStatement {
  readonly kind: "table" | "array-table" | "pair";
  /** Keys from the document's root. */
  readonly path: readonly string[];
  /** Path of the table that contains the statement; for a header, its own path. */
  readonly table: readonly string[];
  readonly start: number;
  /** Span of the value; for a header, empty. */
  readonly value: Span;
  /** Offset after the line break that ends the statement, or the end of the text. */
  readonly lineEnd: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `key = value` inside an inline table. */
export interface InlineEntry {
  readonly path: readonly string[];
  readonly value: Span;
}

/**
 * Finds where the statements of a TOML document are. It checks nothing: a parser must have accepted the text before.
 */
export function tomlStatements(text: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  for (let at = skipVoid(text, 0); at < text.length; at = skipVoid(text, at)) {
    if (text[at] === "[") {
      const isArray = text[at + 1] === "[";
      const key = readKey(text, at + (isArray ? 2 : 1));
      table = key.path;
      const end = key.end + (isArray ? 2 : 1);
      statements.push({
        kind: isArray ? "array-table" : "table",
        path: table,
        table,
        start: at,
        value: { start: end, end },
        lineEnd: lineEnd(text, end),
      });
    } else {
      const pair = readPair(text, at);
      statements.push({
        kind: "pair",
        path: [...table, ...pair.path],
        table,
        start: at,
        value: pair.value,
        lineEnd: lineEnd(text, pair.value.end),
      });
    }
    at = statements.at(-1)!.lineEnd;
  }
  return statements;
}

/** The entries of the inline table that starts at `start`. */
export function inlineEntries(text: string, start: number): InlineEntry[] {
  const entries: InlineEntry[] = [];
  readInlineTable(text, start, (entry) => entries.push(entry));
  return entries;
}

function readInlineTable(text: string, start: number, visit: (entry: InlineEntry) => void): number {
  let at = skipVoid(text, start + 1);
  while (text[at] !== "}") {
    const entry = readPair(text, at);
    visit(entry);
    at = skipVoid(text, entry.value.end);
    if (text[at] === ",") at = skipVoid(text, at + 1);
  }
  return at + 1;
}

function readPair(text: string, at: number): InlineEntry {
  const key = readKey(text, at);
  const start = skipBlanks(text, key.end + 1);
  return { path: key.path, value: { start, end: valueEnd(text, start) } };
}

/** A dotted key; `end` is the offset of the `=` or `]` after it. */
function readKey(text: string, start: number): { path: string[]; end: number } {
  const path: string[] = [];
  let at = skipBlanks(text, start);
  for (;;) {
    const end = text[at] === '"' || text[at] === "'" ? stringEnd(text, at) : bareKeyEnd(text, at);
    path.push(Object.keys(parse(`${text.slice(at, end)} = 0`))[0]!);
    at = skipBlanks(text, end);
    if (text[at] !== ".") return { path, end: at };
    at = skipBlanks(text, at + 1);
  }
}

function valueEnd(text: string, at: number): number {
  if (text[at] === '"' || text[at] === "'") return stringEnd(text, at);
  if (text[at] === "{") return readInlineTable(text, at, () => undefined);
  if (text[at] === "[") return arrayEnd(text, at);
  let end = at;
  while (end < text.length && !",]}#\r\n".includes(text[end]!)) end++;
  return at + text.slice(at, end).trimEnd().length;
}

function arrayEnd(text: string, start: number): number {
  let at = skipVoid(text, start + 1);
  while (text[at] !== "]") {
    at = skipVoid(text, valueEnd(text, at));
    if (text[at] === ",") at = skipVoid(text, at + 1);
  }
  return at + 1;
}

function stringEnd(text: string, start: number): number {
  const quote = text[start]!;
  const delimiter = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let at = start + delimiter.length;
  while (!text.startsWith(delimiter, at)) at += quote === '"' && text[at] === "\\" ? 2 : 1;
  at += delimiter.length;
  // The text of a multi-line string may itself end with one or two quotes.
  for (let own = 0; delimiter.length === 3 && own < 2 && text[at] === quote; own++) at++;
  return at;
}

function bareKeyEnd(text: string, start: number): number {
  let at = start;
  while (/[A-Za-z0-9_-]/.test(text[at] ?? "")) at++;
  if (at === start) throw new Error(`no key at offset ${start}`);
  return at;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** The first offset that is no blank, line break, comment or byte order mark. */
function skipVoid(text: string, start: number): number {
  let at = start;
  for (;;) {
    if (/[ \t\r\n\uFEFF]/.test(text[at] ?? "")) at++;
    else if (text[at] === "#") at = lineEnd(text, at);
    else return at;
  }
}

function lineEnd(text: string, start: number): number {
  const found = text.indexOf("\n", start);
  return found === -1 ? text.length : found + 1;
}
