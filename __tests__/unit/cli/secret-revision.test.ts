import { withRevision } from "../../../cli/secrets/secret-revision";

test.each<[what: string, text: string, edited: string | undefined]>([
  ["an empty file", "", "[secrets]\nrevision = 7\n"],
  ["a file without the table", "[api]\nlisten = 'x' # mine\n", "[api]\nlisten = 'x' # mine\n\n[secrets]\nrevision = 7\n"],
  ["a last line without an end", "[api]\nlisten = 'x'", "[api]\nlisten = 'x'\n\n[secrets]\nrevision = 7\n"],
  [
    "a revision with a comment",
    "[secrets]\nrevision = 6 # raised by rotation\n[api]\n",
    "[secrets]\nrevision = 7 # raised by rotation\n[api]\n",
  ],
  ["a revision with other spaces", "[ secrets ]\n\trevision=6\n", "[ secrets ]\n\trevision=7\n"],
  ["an empty table", "[secrets] # here\n[api]\n", "[secrets] # here\nrevision = 7\n[api]\n"],
  ["a dotted key", "secrets.revision = 6\n[api]\n", "secrets.revision = 7\n[api]\n"],
  ["an inline table", "secrets = { revision = 6 }\n", "secrets = { revision = 7 }\n"],
  ["an empty inline table", "secrets = {}\n", undefined],
  [
    "lines that look like it",
    "# revision = 6\n[api]\nx = 'revision = 6'\n[secrets]\nrevision = 6\n",
    "# revision = 6\n[api]\nx = 'revision = 6'\n[secrets]\nrevision = 7\n",
  ],
  ["CRLF and a byte order mark", "\uFEFF[secrets]\r\n# kept\r\nrevision = 6\r\n", "\uFEFF[secrets]\r\n# kept\r\nrevision = 7\r\n"],
  ["CRLF without the table", "[api]\r\n", "[api]\r\n\r\n[secrets]\r\nrevision = 7\r\n"],
])("%s", (_, text, edited) => {
  expect(withRevision(text, 7)).toBe(edited);
});
