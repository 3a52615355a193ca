import { readFileSync } from "node:fs";
import path from "node:path";
import { CHECKS } from "../../../runtime/preflight";
import { preflightPage } from "../../../tools/preflight-page";
import { BROKEN_WORKERS } from "../../support/broken-workers";

/** Removes the padding that the formatter adds to tables. */
const words = (text: string): string => text.replace(/[ \t]+/g, " ").replace(/\| ?[-: ]+(?=\|)/g, "| - ");

test("docs/preflight.md is what the checks say of themselves (npm run preflight-page)", () => {
  expect(words(readFileSync(path.join(__dirname, "../../../docs/preflight.md"), "utf8"))).toBe(words(preflightPage()));
});

test("every check is broken on purpose, with every exit code it can stop a worker with", () => {
  const known = ["configuration", ...CHECKS.map(({ id }) => id)];
  const broken = BROKEN_WORKERS.flatMap(({ red }) => Object.keys(red));
  expect(known.filter((id) => !broken.includes(id))).toEqual([]);
  expect(broken.filter((id) => !known.includes(id))).toEqual([]);
  const shown = (id: string) => BROKEN_WORKERS.filter(({ red }) => id in red).map(({ shows }) => shows);
  expect(CHECKS.flatMap(({ id, refuses }) => refuses.filter((code) => !shown(id).includes(code as 78)).map((code) => [id, code]))).toEqual(
    [],
  );
});
