import { parse } from "smol-toml";
import { TomlSource } from "../../constructs/toml-source";
import { isTable } from "../../constructs/toml-source";

/**
 * The text of an environment file with `[secrets] revision` set; every other byte stays as it is. Undefined for a form
 * that this edit does not support, for example `secrets = { }`.
 */
export function withRevision(text: string, revision: number): string | undefined {
  const edited = edit(text, revision);
  return edited !== undefined && means(edited, text, revision) ? edited : undefined;
}

function edit(text: string, revision: number): string | undefined {
  const source = new TomlSource("environment", text);
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split("\n");
  if (source.has(["secrets", "revision"])) {
    const at = source.lineOf(["secrets", "revision"]) - 1;
    lines[at] = lines[at]!.replace(/(revision["']?\s*=\s*)[\d_]+/, `$1${revision}`);
    return lines.join("\n");
  }
  if (source.has(["secrets"])) {
    lines.splice(source.lineOf(["secrets"]), 0, `revision = ${revision}${lineEnd.slice(0, -1)}`);
    return lines.join("\n");
  }
  const gap = text === "" ? "" : text.endsWith("\n") ? lineEnd : lineEnd + lineEnd;
  return `${text}${gap}[secrets]${lineEnd}revision = ${revision}${lineEnd}`;
}

/** Whether two texts have the same meaning except for the revision. */
function means(edited: string, original: string, revision: number): boolean {
  try {
    const before = read(original);
    const wanted = { ...before, secrets: { ...(isTable(before.secrets) ? before.secrets : {}), revision } };
    return canonical(read(edited)) === canonical(wanted);
  } catch {
    return false;
  }
}

function read(text: string) {
  return parse(text.replace(/^\uFEFF/, ""));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isTable(inner) ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1))) : inner,
  );
}
