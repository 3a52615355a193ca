import { readFileSync } from "node:fs";
import path from "node:path";
import { toolingDocument } from "../../../tools/tooling-document";

const root = path.join(__dirname, "../../..");

/** Removes the padding that the formatter adds to tables. */
const words = (text: string): string => text.replace(/[ \t]+/g, " ").replace(/\| [-: ]+(?=\|)/g, "| - ");

test("docs/tooling.md is what the lockfiles say", () => {
  expect(words(readFileSync(path.join(root, "docs/tooling.md"), "utf8"))).toBe(words(toolingDocument(path.join(root, "assets/worker"))));
});
