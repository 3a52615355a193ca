import { literal } from "../../../constructs/interpolation";

test.each([
  ["${HOME}", "$${HOME}"],
  ["a $HOME $(date) $$", "a $HOME $(date) $$"],
  ["%{if}", "%%{if}"],
  ["${TfToken[TOKEN.1]} and ${x}", "${TfToken[TOKEN.1]} and $${x}"],
  ["$${x}", "$$${x}"],
])("%j stays literal as %j", (text, escaped) => {
  expect(literal(text)).toBe(escaped);
});
