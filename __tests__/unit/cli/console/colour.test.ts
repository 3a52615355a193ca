import { paintFor } from "../../../../cli/console/colour";
import { prerequisiteLines, row } from "../../../../cli/console/prerequisite";

const GREEN = "\u001b[32m";

test.each<[boolean, Record<string, string>, boolean]>([
  [true, {}, true],
  [true, { TERM: "xterm-256color" }, true],
  [true, { TERM: "dumb" }, false],
  [true, { NO_COLOR: "1" }, false],
  // https://no-color.org: when present and not an empty string.
  [true, { NO_COLOR: "" }, true],
  [true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  [false, {}, false],
  [false, { FORCE_COLOR: "1" }, true],
  [false, { FORCE_COLOR: "0" }, false],
  [true, { FORCE_COLOR: "0" }, false],
])("terminal %s with %j: colours %s", (isTTY, environment, coloured) => {
  expect(paintFor({ isTTY }, environment).good("ok").startsWith(GREEN)).toBe(coloured);
});

test("what is missing is red, and the words stay the same", () => {
  const rows = [row("git", true, "2.47", "any", ""), row("jq", false, "none", "any", "install it")];
  expect(prerequisiteLines(rows, paintFor({ isTTY: true }, {}))).toEqual([
    "\u001b[32mok     \u001b[39m git: found 2.47, required any",
    "\u001b[31mMISSING\u001b[39m jq: found none, required any",
    "        fix: install it",
  ]);
});
