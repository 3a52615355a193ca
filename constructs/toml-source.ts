import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";

export type TomlTable = Record<string, unknown>;

/** A TOML document that knows the line of each key. */
export class TomlSource {
  /** @throws TomlSyntaxError with line and code frame, also for bytes that are not UTF-8. */
  static fromFile(file: string): TomlSource {
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) throw notUtf8(file, bytes);
    return new TomlSource(file, bytes.toString("utf8"));
  }

  readonly values: TomlTable;
  private readonly lines: ReadonlyMap<string, number>;

  constructor(
    readonly file: string,
    source: string,
  ) {
    const text = source.replace(/^\uFEFF/, "");
    this.values = parsed(file, text);
    this.lines = keyLines(text);
  }

  /** Whether the document itself sets this key. */
  has(path: readonly string[]): boolean {
    return this.lines.has(JSON.stringify(path));
  }

  /** Line of a key, counted from 1; the line of the nearest enclosing table when the document does not set the key. */
  lineOf(path: readonly string[]): number {
    for (let length = path.length; length > 0; length--) {
      const line = this.lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }
}

export class TomlSyntaxError extends Error {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly reason: string,
    readonly frame: string,
  ) {
    super(`${file}:${line}: ${reason}\n${frame}`);
    this.name = "TomlSyntaxError";
  }
}

function parsed(file: string, text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const said = error.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    const reason = /redefine/.test(said) ? `the key or table is defined twice (${said})` : said;
    throw new TomlSyntaxError(file, error.line, reason, error.codeblock.trimEnd());
  }
}

function notUtf8(file: string, bytes: Buffer): TomlSyntaxError {
  // A line break is the same byte in UTF-8 and in every 8-bit character set; latin1 decodes each byte to one character.
  const lines = bytes.toString("latin1").split("\n");
  const index = Math.max(
    0,
    lines.findIndex((line) => !isUtf8(Buffer.from(line, "latin1"))),
  );
  const frame = `${index + 1}:  ${Buffer.from(lines[index]!, "latin1").toString("utf8").trimEnd()}`;
  return new TomlSyntaxError(file, index + 1, "it is not encoded in UTF-8 (save it as UTF-8)", frame);
}

/**
 * Line of every key of a valid document. It cuts the document into the shortest pieces that are valid TOML by themselves;
 * these are its statements, whatever strings, comments and arrays they contain.
 */
function keyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const note = (path: readonly string[], line: number): void => {
    const key = JSON.stringify(path);
    if (!lines.has(key)) lines.set(key, line);
  };
  const all = text.split(/\r?\n/);
  let table: string[] = [];
  for (let start = 0; start < all.length;) {
    const { values, end } = statement(all, start);
    const isHeader = all[start]!.trimStart().startsWith("[");
    if (isHeader) table = deepest(values);
    for (const path of isHeader ? [[]] : paths(values)) {
      const full = [...table, ...path];
      full.forEach((_, index) => note(full.slice(0, index + 1), start + 1));
    }
    start = end;
  }
  return lines;
}

function statement(lines: readonly string[], start: number): { values: TomlTable; end: number } {
  for (let end = start + 1; end <= lines.length; end++) {
    try {
      return { values: parse(lines.slice(start, end).join("\n")), end };
    } catch {
      // The statement is incomplete: its value goes on in the next line.
    }
  }
  return { values: {}, end: lines.length };
}

function paths(value: unknown): string[][] {
  if (!isTable(value)) return [[]];
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...paths(inner).map((path) => [key, ...path])]);
}

function deepest(value: unknown): string[] {
  const inner = Array.isArray(value) ? value[0] : value;
  const entry = isTable(inner) ? Object.entries(inner)[0] : undefined;
  return entry === undefined ? [] : [entry[0], ...deepest(entry[1])];
}

export function isTable(value: unknown): value is TomlTable {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}
