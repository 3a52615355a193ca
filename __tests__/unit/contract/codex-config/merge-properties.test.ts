import fc from "fast-check";
import { parse } from "smol-toml";
import { checkCodexConfig, MANAGED_CODEX_SETTINGS, mergeCodexConfig } from "../../../../runtime/contract";

/** Documents with everything that a careless edit breaks; those that a parser accepts are merged. */
const blank = fc.constantFrom("", " ", "\t", "  ");
const name = fc.constantFrom(
  "a",
  "features",
  "approval_policy",
  "unbounded_connection_retries",
  "inherit",
  "analytics",
  "shell_environment_policy",
  "enabled",
  "ключ",
  "a b",
  "[t]",
  "x=y",
);
const keyPart = fc.tuple(name, fc.constantFrom("bare", "basic", "literal")).map(([text, form]) => {
  if (form === "literal") return `'${text}'`;
  return form === "basic" || !/^[A-Za-z_]+$/.test(text) ? JSON.stringify(text) : text;
});
const key = fc.tuple(fc.array(keyPart, { minLength: 1, maxLength: 3 }), blank).map(([parts, gap]) => parts.join(`${gap}.${gap}`));
const scalar = fc.constantFrom(
  '"never"',
  "'on-request'",
  "true",
  "false",
  "1",
  "1.0",
  "-0",
  "1979-05-27 07:32:00",
  "99999999999999999999",
  '"\\"] # x"',
  "'#'",
  '"""\n[features]\napproval_policy = \\"""\n"""',
  "'''\n[[t]]\n# x\n'''''",
  '"""x"""""',
  '""',
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.array(tie("value"), { maxLength: 3 }), fc.constantFrom(",", ", # ] x\n", "\n,\n"))
      .map(([items, comma]) => `[${items.join(comma)}]`),
    fc
      .tuple(fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }), blank)
      .map(([items, gap]) => `{${gap}${items.map(([k, v]) => `${k} = ${v}`).join(", ")}${gap}}`),
  ),
})) as { value: fc.Arbitrary<string> };
const comment = fc.constantFrom("", " # approval_policy = 1", "# [features]", "\t#");
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(blank, key, blank, value, comment).map(([indent, k, gap, v, c]) => `${indent}${k}${gap}=${gap}${v}${c}`),
  },
  { weight: 2, arbitrary: fc.tuple(key, blank, comment).map(([k, gap, c]) => `[${gap}${k}${gap}]${c}`) },
  { weight: 1, arbitrary: key.map((k) => `[[${k}]]`) },
  { weight: 1, arbitrary: comment },
);
const documentText = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), fc.constantFrom("", "\uFEFF"), fc.boolean())
  .map(([lines, lineBreak, mark, ends]) => mark + lines.join("\n").replaceAll("\n", lineBreak) + (ends ? lineBreak : ""));

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return parse(text, { integersAsBigInt: true });
  } catch {
    return undefined;
  }
}

/** The expected document, or undefined when a managed key cannot be set. */
function expected(text: string): Record<string, unknown> | undefined {
  const root = parsed(text)!;
  for (const { path, value: wanted } of MANAGED_CODEX_SETTINGS) {
    const [first, second] = path as [string, string | undefined];
    if (second === undefined) root[first] = wanted;
    else {
      const table = (root[first] ??= {});
      if (typeof table !== "object" || Array.isArray(table) || table instanceof Date) return undefined;
      (table as Record<string, unknown>)[second] = wanted;
    }
  }
  return root;
}

/** Whether `after` is `before` with characters added and none removed. */
function isOnlyAdded(before: string, after: string): boolean {
  let at = 0;
  for (const character of after) if (character === before[at]) at++;
  return at === before.length;
}

const json = (document: unknown) =>
  JSON.stringify(sorted(document), (_key, item: unknown) => (typeof item === "bigint" ? `${item}n` : item));

test("merge sets exactly the managed keys, takes nothing else away and is idempotent", () => {
  let merges = 0;
  let refusals = 0;
  fc.assert(
    fc.property(documentText, (text) => {
      const original = parsed(text);
      const merge = mergeCodexConfig(text);
      if (original === undefined) {
        expect(merge.ok).toBe(false);
        return;
      }
      if (!merge.ok) {
        refusals++;
        return;
      }
      merges++;
      expect(json(parsed(merge.text))).toBe(json(expected(text)));
      expect(mergeCodexConfig(merge.text)).toEqual({ ok: true, text: merge.text, changed: [] });
      expect(checkCodexConfig(merge.text).ok).toBe(true);
      if (merge.changed.every((change) => change.from === null)) expect(isOnlyAdded(text, merge.text)).toBe(true);
    }),
    { numRuns: 2000 },
  );
  // The generator must not degenerate into documents no parser accepts.
  expect(merges).toBeGreaterThan(300);
  expect(refusals).toBeGreaterThan(10);
});

function sorted(item: unknown): unknown {
  if (Array.isArray(item)) return item.map(sorted);
  if (typeof item !== "object" || item === null || item instanceof Date) return item;
  return Object.fromEntries(
    Object.entries(item)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}
