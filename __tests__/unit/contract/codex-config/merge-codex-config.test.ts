import { decodeCodexConfig, mergeCodexConfig } from "../../../../runtime/contract";
import type { ManagedSetting } from "../../../../runtime/contract";

const MANAGED_ROOT = [
  'approval_policy = "never"',
  'sandbox_mode = "danger-full-access"',
  'cli_auth_credentials_store = "file"',
  "check_for_update_on_startup = false",
];
const MANAGED_TABLES = [
  "[features]",
  "unbounded_connection_retries = false",
  "",
  "[shell_environment_policy]",
  'inherit = "core"',
  "",
  "[analytics]",
  "enabled = false",
];
const ALL = [...MANAGED_ROOT, "", ...MANAGED_TABLES, ""].join("\n");

/** Only the settings that a case tests, so that its expected text stays short. */
const POLICY = [{ path: ["approval_policy"], value: "never", reason: "" }];
const RETRIES = [{ path: ["features", "unbounded_connection_retries"], value: false, reason: "" }];

function merged(text: string, ...settings: [] | [readonly ManagedSetting[]]): string {
  const merge = mergeCodexConfig(text, ...settings);
  if (!merge.ok) throw new Error(JSON.stringify(merge.refusal));
  return merge.text;
}

describe("the whole set of managed keys", () => {
  test("fills an empty file", () => {
    expect(merged("")).toBe(ALL);
  });

  test("changes nothing the second time", () => {
    expect(mergeCodexConfig(ALL)).toEqual({ ok: true, text: ALL, changed: [] });
  });

  test("names every change with what stood there", () => {
    const merge = mergeCodexConfig('approval_policy = "on-request"\n[features]\nunbounded_connection_retries = true\n');
    expect(merge.ok && merge.changed).toEqual([
      { key: "approval_policy", from: '"on-request"', to: '"never"' },
      { key: "sandbox_mode", from: null, to: '"danger-full-access"' },
      { key: "cli_auth_credentials_store", from: null, to: '"file"' },
      { key: "check_for_update_on_startup", from: null, to: "false" },
      { key: "features.unbounded_connection_retries", from: "true", to: "false" },
      { key: "shell_environment_policy.inherit", from: null, to: '"core"' },
      { key: "analytics.enabled", from: null, to: "false" },
    ]);
  });

  test("keeps an operator's file line for line", () => {
    const before = [
      "#:schema https://example.com/schema.json",
      "# our settings",
      'model = "gpt-5.5"   # the good one',
      "",
      "",
      "[model_providers.own]",
      '  name = "own"',
      'note = """',
      "[features]",
      'approval_policy = "on-request"',
      '"""',
      "",
      "[[hooks]]",
      "run = [",
      '  "a", # first',
      '  "[analytics]",',
      "]",
      "",
    ];
    const after = [...before];
    after.splice(3, 0, ...MANAGED_ROOT);
    expect(merged(before.join("\n"))).toBe([...after, ...MANAGED_TABLES, ""].join("\n"));
  });
});

describe("a key at the root", () => {
  test.each([
    ["value replaced, comment kept", 'approval_policy = "on-request" # why\n', 'approval_policy = "never" # why\n'],
    ["quoted key", '"approval_policy" = "on-request"\n', '"approval_policy" = "never"\n'],
    ["escaped quoted key", '"approval\\u005fpolicy" = "on-request"\n', '"approval\\u005fpolicy" = "never"\n'],
    ["literal key and value", "'approval_policy'='on-request'\n", "'approval_policy'=\"never\"\n"],
    ["multi-line value", 'approval_policy = """\non-request"""\nx = 1\n', 'approval_policy = "never"\nx = 1\n'],
    ["granular inline table", "approval_policy = { granular = { rules = true } } # why\n", 'approval_policy = "never" # why\n'],
    ["same value in other quotes stays", "approval_policy = 'never'\n", "approval_policy = 'never'\n"],
    ["blanks around", '  approval_policy\t=\t"on-request"  \n', '  approval_policy\t=\t"never"  \n'],
    ["behind the last root key", "a = 1\n\n[t]\nb = 2\n", 'a = 1\napproval_policy = "never"\n\n[t]\nb = 2\n'],
    ["behind a root key of many lines", "a = [\n 1, # ]\n 2,\n]\n[t]\n", 'a = [\n 1, # ]\n 2,\n]\napproval_policy = "never"\n[t]\n'],
    ["above the first table", "[t]\nb = 2\n", 'approval_policy = "never"\n\n[t]\nb = 2\n'],
    ["the append trap", '[history]\napproval_policy = "never"\n', 'approval_policy = "never"\n\n[history]\napproval_policy = "never"\n'],
    ["below the comment that opens the file", "# ours\n\n# about t\n[t]\n", '# ours\napproval_policy = "never"\n\n# about t\n[t]\n'],
    ["above a comment that belongs to a table", "# about t\n[t]\n", 'approval_policy = "never"\n\n# about t\n[t]\n'],
    ["below an editor's directive", "#:schema x\n[t]\n", '#:schema x\napproval_policy = "never"\n\n[t]\n'],
    ["only comments", "# nothing here\n", 'approval_policy = "never"\n\n# nothing here\n'],
    ["carriage returns", "a = 1\r\n\r\n[t]\r\nb = 2\r\n", 'a = 1\r\napproval_policy = "never"\r\n\r\n[t]\r\nb = 2\r\n'],
    ["byte order mark", "\uFEFF[t]\n", '\uFEFFapproval_policy = "never"\n\n[t]\n'],
    ["byte order mark alone", "\uFEFF", '\uFEFFapproval_policy = "never"\n'],
    ["no last line break", "a = 1", 'a = 1\napproval_policy = "never"'],
    [
      "a string that looks like the key",
      'a = """\napproval_policy = "x"\n[t]\n"""\n',
      'a = """\napproval_policy = "x"\n[t]\n"""\napproval_policy = "never"\n',
    ],
    ["a literal string that looks like a table", "a = '''\n[t]\n\\'''\n[t]\n", "a = '''\n[t]\n\\'''\napproval_policy = \"never\"\n[t]\n"],
    ["quotes at the end of a string", 'a = """x"""""\nb = 1\n', 'a = """x"""""\nb = 1\napproval_policy = "never"\n'],
    ["the key in a comment", '# approval_policy = "x"\na = 1 # [t]\n', '# approval_policy = "x"\na = 1 # [t]\napproval_policy = "never"\n'],
  ])("%s", (_name, before, after) => {
    expect(merged(before, POLICY)).toBe(after);
    expect(merged(after, POLICY)).toBe(after);
  });
});

describe("a key in a table", () => {
  test.each([
    ["value replaced", "[features]\nunbounded_connection_retries = true # x\n", "[features]\nunbounded_connection_retries = false # x\n"],
    [
      "below the header",
      "[features] # ours\n# about a\na = true\n",
      "[features] # ours\nunbounded_connection_retries = false\n# about a\na = true\n",
    ],
    ["header without a last line break", "[features]", "[features]\nunbounded_connection_retries = false"],
    ["quoted header", '[ "features" ]\n', '[ "features" ]\nunbounded_connection_retries = false\n'],
    ["dotted key", "features.unbounded_connection_retries = true\n[t]\n", "features.unbounded_connection_retries = false\n[t]\n"],
    [
      "beside a dotted key",
      "features.a = true\nb = 1\n[t]\n",
      "features.a = true\nfeatures.unbounded_connection_retries = false\nb = 1\n[t]\n",
    ],
    ["beside a deep dotted key", "features . a.b = true\n", "features . a.b = true\nfeatures.unbounded_connection_retries = false\n"],
    [
      "inline table",
      "features = { a = true, unbounded_connection_retries = true }\n",
      "features = { a = true, unbounded_connection_retries = false }\n",
    ],
    [
      "added to an inline table",
      "features = { a = { b = 1 } } # x\n",
      "features = { a = { b = 1 }, unbounded_connection_retries = false } # x\n",
    ],
    ["empty inline table", "features = {}\n", "features = { unbounded_connection_retries = false }\n"],
    ["inline table with only a comment", "features = { # x\n}\n", "features = { unbounded_connection_retries = false # x\n}\n"],
    ["only a table below it", "[features.deep]\na = 1\n", "[features.deep]\na = 1\n\n[features]\nunbounded_connection_retries = false\n"],
    ["the same name elsewhere", "[x.features]\na = 1\n", "[x.features]\na = 1\n\n[features]\nunbounded_connection_retries = false\n"],
    [
      "the same name in an array of tables",
      "[[x]]\n[x.features]\na = 1",
      "[[x]]\n[x.features]\na = 1\n\n[features]\nunbounded_connection_retries = false",
    ],
    ["a blank line is at the end already", "a = 1\r\n\r\n", "a = 1\r\n\r\n[features]\r\nunbounded_connection_retries = false\r\n"],
  ])("%s", (_name, before, after) => {
    expect(merged(before, RETRIES)).toBe(after);
    expect(merged(after, RETRIES)).toBe(after);
  });
});

describe("refused, untouched", () => {
  const seed = "or move the file away: the worker then creates it from the image's template";
  test.each([
    [
      "duplicate key",
      'a = 1\napproval_policy = "never"\n"approval_policy" = "never"\n',
      { line: 3, column: 1, reason: "duplicate key: a key or table is defined twice", fix: `keep one of the two, ${seed}` },
    ],
    [
      "duplicate table",
      "[t]\n[t]\n",
      { line: 2, column: 2, reason: "duplicate key: a key or table is defined twice", fix: `keep one of the two, ${seed}` },
    ],
    [
      "unfinished string",
      'a = "x',
      { line: 1, column: 5, reason: "is not valid TOML: unfinished string", fix: `correct this line, ${seed}` },
    ],
    [
      "a value where a table must be",
      "x = 1\nfeatures = true\n",
      {
        line: 2,
        column: 1,
        reason: '"features" is not a table, so "features.unbounded_connection_retries" cannot be set',
        fix: "make it a table, [features], or remove it",
      },
    ],
    [
      "an array of tables where a table must be",
      "[[features]]\n",
      {
        line: 1,
        column: 1,
        reason: '"features" is not a table, so "features.unbounded_connection_retries" cannot be set',
        fix: "make it a table, [features], or remove it",
      },
    ],
    [
      "a table where a value must be",
      "a = 1\n[approval_policy.granular]\nrules = true\n",
      { line: 2, column: 1, reason: '"approval_policy" is a table, it must be "never"', fix: "remove the table with all its keys" },
    ],
    [
      "dotted keys where a value must be",
      "approval_policy.granular.rules = true\n",
      { line: 1, column: 1, reason: '"approval_policy" is a table, it must be "never"', fix: "remove the table with all its keys" },
    ],
  ])("%s", (_name, text, refusal) => {
    expect(mergeCodexConfig(text)).toEqual({ ok: false, refusal });
  });

  test("an edit that would not parse", () => {
    const merge = mergeCodexConfig("shell_environment_policy = { inherit.x = 1 }\n");
    expect(merge.ok === false && merge.refusal.reason).toBe("cannot be edited safely (the edited text would mean something else)");
  });

  test("bytes that are not UTF-8", () => {
    const decoded = decodeCodexConfig(Buffer.from([0x61, 0xff]));
    expect(decoded.ok === false && decoded.refusal.reason).toBe("is not UTF-8 text");
  });

  test("a refusal never repeats the text of the file", () => {
    const merge = mergeCodexConfig('experimental_bearer_token = "s3cret\n');
    expect(JSON.stringify(merge)).not.toContain("s3cret");
  });
});

test("a byte order mark survives decoding", () => {
  expect(decodeCodexConfig(Buffer.from("\uFEFFa = 1"))).toEqual({ ok: true, text: "\uFEFFa = 1" });
});
