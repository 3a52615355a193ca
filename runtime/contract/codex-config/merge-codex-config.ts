import { isDeepStrictEqual } from "node:util";
import { parse, TomlError } from "smol-toml";
import type { TomlTable } from "smol-toml";
import { MANAGED_CODEX_SETTINGS } from "./managed-settings";
import type { ManagedSetting } from "./managed-settings";
import { placeSetting } from "./place-setting";
import { positionAt } from "./refusal";
import type { CodexConfigRefusal } from "./refusal";
import { tomlStatements } from "./toml-statements";

/** A managed key whose value was not the managed one. */
export interface ChangedSetting {
  /** Dotted, as in `features.unbounded_connection_retries`. */
  readonly key: string;
  /** JSON of the previous value, null when there was none. */
  readonly from: string | null;
  readonly to: string;
}

export type CodexConfigMerge =
  | { readonly ok: true; readonly text: string; readonly changed: readonly ChangedSetting[] }
  | { readonly ok: false; readonly refusal: CodexConfigRefusal };

/**
 * Sets the managed keys in the text of a config.toml and leaves every other byte as it is: comments, order, blank
 * lines, line breaks, byte order mark. The result is parsed and must equal the parsed original with exactly the managed
 * keys set; a text that cannot be edited or verified this way is refused. Merging twice changes nothing.
 */
export function mergeCodexConfig(text: string, settings: readonly ManagedSetting[] = MANAGED_CODEX_SETTINGS): CodexConfigMerge {
  try {
    const wanted = read(text);
    const changed: ChangedSetting[] = [];
    let merged = text;
    for (const setting of settings) {
      const found = setValue(wanted, setting, text);
      if (Object.is(found, setting.value)) continue;
      changed.push({ key: setting.path.join("."), from: found === undefined ? null : valueText(found), to: JSON.stringify(setting.value) });
      merged = placeSetting(merged, setting);
    }
    if (changed.length > 0) prove(merged, wanted);
    return { ok: true, text: merged, changed };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, refusal: error.refusal };
    return {
      ok: false,
      refusal: { line: null, column: null, reason: `cannot be edited safely (${(error as Error).message})`, fix: MERGE_BY_HAND },
    };
  }
}

/** Decodes the bytes of a config.toml and keeps the byte order mark; refuses bytes that are not UTF-8. */
export function decodeCodexConfig(bytes: Uint8Array): { ok: true; text: string } | { ok: false; refusal: CodexConfigRefusal } {
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return {
      ok: false,
      refusal: {
        line: null,
        column: null,
        reason: "is not UTF-8 text",
        fix: "save the file as UTF-8, or move it away: the worker then creates it from the image's template",
      },
    };
  }
}

const MERGE_BY_HAND =
  "set the managed keys by hand (codex-fleet codex-config check FILE names them), or move the file away: the worker then creates it from the image's template";

class Refused extends Error {
  constructor(readonly refusal: CodexConfigRefusal) {
    super(refusal.reason);
  }
}

function read(text: string): TomlTable {
  try {
    // Integers as BigInt keep 1 and 1.0 apart, and numbers beyond 2^53 exact.
    return parse(text, { integersAsBigInt: true });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    const duplicate = what.startsWith("trying to redefine");
    throw new Refused({
      line: error.line,
      column: error.column,
      reason: duplicate ? "duplicate key: a key or table is defined twice" : `is not valid TOML: ${what}`,
      fix: `${duplicate ? "keep one of the two" : "correct this line"}, or move the file away: the worker then creates it from the image's template`,
    });
  }
}

/** Sets the value in the parsed document and returns the previous one; throws `Refused` when a parent is not a table. */
function setValue(root: TomlTable, setting: ManagedSetting, text: string): unknown {
  let table = root;
  const parents = setting.path.slice(0, -1);
  const leaf = setting.path.at(-1)!;
  parents.forEach((part, depth) => {
    const next = Object.hasOwn(table, part) ? table[part] : (table[part] = {});
    if (!isTable(next)) throw new Refused(notATable(setting, parents.slice(0, depth + 1), text));
    table = next;
  });
  const found = Object.hasOwn(table, leaf) ? table[leaf] : undefined;
  if (isTable(found) && !isInlineValue(text, setting.path)) throw new Refused(isATable(setting, text));
  table[leaf] = setting.value;
  return found;
}

function prove(merged: string, wanted: TomlTable): void {
  let result: TomlTable | undefined;
  try {
    result = read(merged);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
  if (result !== undefined && isDeepStrictEqual(plain(result), plain(wanted))) return;
  throw new Refused({
    line: null,
    column: null,
    reason: "cannot be edited safely (the edited text would mean something else)",
    fix: MERGE_BY_HAND,
  });
}

/** The parser's tables have no prototype and ours do, so compare their entries only. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  return new Map(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isInlineValue(text: string, path: readonly string[]): boolean {
  return tomlStatements(text).some(
    (statement) =>
      statement.kind === "pair" && path.length >= statement.path.length && statement.path.every((part, index) => path[index] === part),
  );
}

function notATable(setting: ManagedSetting, parent: readonly string[], text: string): CodexConfigRefusal {
  const name = parent.join(".");
  return {
    ...placeOf(text, parent),
    reason: `"${name}" is not a table, so "${setting.path.join(".")}" cannot be set`,
    fix: `make it a table, [${name}], or remove it`,
  };
}

function isATable(setting: ManagedSetting, text: string): CodexConfigRefusal {
  const name = setting.path.join(".");
  return {
    ...placeOf(text, setting.path),
    reason: `"${name}" is a table, it must be ${JSON.stringify(setting.value)}`,
    fix: "remove the table with all its keys",
  };
}

function placeOf(text: string, path: readonly string[]): { line: number | null; column: number | null } {
  const statement = tomlStatements(text).find((candidate) => path.every((part, index) => candidate.path[index] === part));
  return statement === undefined ? { line: null, column: null } : positionAt(text, statement.start);
}

function valueText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? Number(item) : item)) ?? String(value);
}
