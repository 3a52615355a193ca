import { TomlSource, TomlSyntaxError } from "../../../constructs/toml-source";

const DOCUMENT = `# a comment with [brackets] and key = 1
top = 1
"quoted key" = """
[not.a.table]
inner = 2
"""
list = [
  "a", # key = 3
  "b",
]
dotted.deep.key = true
inline = { one = 1, two = { three = 3 } }

[table]
key = "value"

  [table.'sub table']
  key = 2
`;

test.each([
  [["top"], 2],
  [["quoted key"], 3],
  [["list"], 7],
  [["dotted", "deep", "key"], 11],
  [["dotted"], 11],
  [["inline", "two", "three"], 12],
  [["table"], 14],
  [["table", "key"], 15],
  [["table", "sub table", "key"], 18],
  [["table", "sub table", "absent"], 17],
  [["list", "1"], 7],
  [["absent"], 1],
])("%j stands in line %d", (key, line) => {
  expect(new TomlSource("x.toml", DOCUMENT).lineOf(key)).toBe(line);
});

test("lines count with CRLF and a byte order mark", () => {
  const source = new TomlSource("x.toml", `\uFEFF${DOCUMENT.replaceAll("\n", "\r\n")}`);
  expect(source.lineOf(["table", "sub table", "key"])).toBe(18);
});

test("knows which keys it sets itself", () => {
  const source = new TomlSource("x.toml", DOCUMENT);
  expect([source.has(["table", "key"]), source.has(["table", "other"]), source.has(["inner"])]).toEqual([true, false, false]);
});

test("fails for invalid TOML with line, reason and code frame", () => {
  expect(() => new TomlSource("x.toml", "a = 1\nb = \n")).toThrow(TomlSyntaxError);
  try {
    new TomlSource("x.toml", "a = 1\nb = tru\n");
  } catch (error) {
    const { line, frame } = error as TomlSyntaxError;
    expect({ line, frame }).toEqual({ line: 2, frame: "1:  a = 1\n2:  b = tru\n        ^" });
  }
});
