import type { ManagedSetting } from "./managed-settings";
import { inlineEntries, tomlStatements } from "./toml-statements";
import type { InlineEntry, Span, TomlStatement } from "./toml-statements";

/**
 * Returns the text with one setting written by the smallest edit: the value of an existing key is replaced, otherwise
 * one entry or one line is added. The setting's parents must be tables or absent.
 */
export function placeSetting(text: string, setting: ManagedSetting): string {
  const statements = tomlStatements(text);
  const pairs = statements.filter((statement) => statement.kind === "pair");
  const value = tomlValue(setting.value);

  const inPlace = replaceIn(text, pairs, setting.path, value);
  if (inPlace !== undefined) return inPlace;

  const parent = setting.path.slice(0, -1);
  if (parent.length === 0) return insertAtRoot(text, statements, `${tomlKey(setting.path)} = ${value}`);

  const header = statements.find((statement) => statement.kind === "table" && isSame(statement.path, parent));
  if (header !== undefined) return insertLine(text, header.lineEnd, `${tomlKey(setting.path.slice(-1))} = ${value}`);

  // TOML forbids a header for a table that dotted keys have defined: the new key has to be dotted too.
  const dotted = pairs.findLast((pair) => pair.table.length < parent.length && startsWith(pair.path, parent));
  if (dotted !== undefined) return insertLine(text, dotted.lineEnd, `${tomlKey(setting.path.slice(dotted.table.length))} = ${value}`);

  return appendTable(text, parent, `${tomlKey(setting.path.slice(-1))} = ${value}`);
}

/** The line break the text uses, `\n` when it has none. */
export function lineBreakOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

function replaceIn(
  text: string,
  entries: readonly (InlineEntry | TomlStatement)[],
  path: readonly string[],
  value: string,
): string | undefined {
  const same = entries.find((entry) => isSame(entry.path, path));
  if (same !== undefined) return replaceSpan(text, same.value, value);
  const around = entries.find(
    (entry) => entry.path.length < path.length && startsWith(path, entry.path) && text[entry.value.start] === "{",
  );
  if (around === undefined) return undefined;

  const rest = path.slice(around.path.length);
  const inner = inlineEntries(text, around.value.start);
  const entry = `${tomlKey(rest)} = ${value}`;
  const last = inner.at(-1);
  if (last === undefined) {
    const at = around.value.start + 1;
    return replaceSpan(text, { start: at, end: at }, ` ${entry}${text[at] === "}" ? " " : ""}`);
  }
  return replaceIn(text, inner, rest, value) ?? replaceSpan(text, { start: last.value.end, end: last.value.end }, `, ${entry}`);
}

function insertAtRoot(text: string, statements: readonly TomlStatement[], line: string): string {
  const last = statements.findLast((statement) => statement.kind === "pair" && statement.table.length === 0);
  if (last !== undefined) return insertLine(text, last.lineEnd, line);
  const at = rootStart(text);
  const follows = /^[^\r\n]/.test(text.slice(at)) ? lineBreakOf(text) : "";
  return insertLine(text, at, line + follows);
}

/** Offset after the comment that opens the file: a block with a blank line below, or editors' directives (`#:schema …`). */
function rootStart(text: string): number {
  const mark = text.startsWith("\uFEFF") ? 1 : 0;
  const block = /^(?:[ \t]*#[^\n]*\n)+(?=[ \t]*\r?\n)/.exec(text.slice(mark)) ?? /^(?:[ \t]*#:[^\n]*\n)+/.exec(text.slice(mark));
  return mark + (block?.[0].length ?? 0);
}

function appendTable(text: string, path: readonly string[], line: string): string {
  const lineBreak = lineBreakOf(text);
  const separator = /^\uFEFF?$|\n\r?\n$/.test(text) ? "" : lineBreak;
  return insertLine(text, text.length, `${separator}[${tomlKey(path)}]${lineBreak}${line}`);
}

/** Puts a line at an offset that begins a line or ends the text; a missing last line break stays missing. */
function insertLine(text: string, at: number, line: string): string {
  const lineBreak = lineBreakOf(text);
  const before = text.slice(0, at);
  const startsLine = /(^\uFEFF?|\n)$/.test(before);
  return `${before}${startsLine ? line + lineBreak : lineBreak + line}${text.slice(at)}`;
}

function replaceSpan(text: string, span: Span, replacement: string): string {
  return text.slice(0, span.start) + replacement + text.slice(span.end);
}

function tomlValue(value: string | boolean): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function tomlKey(path: readonly string[]): string {
  return path.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part))).join(".");
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((part, index) => path[index] === part);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && startsWith(left, right);
}
