import { readFileSync } from "node:fs";
import path from "node:path";
import { configurationPage } from "../../../constructs/configuration-page";

test("docs/configuration.md is up to date (npm run docs)", () => {
  expect(readFileSync(path.join(__dirname, "../../../docs/configuration.md"), "utf8")).toBe(configurationPage());
});
