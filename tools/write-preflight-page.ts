// Writes docs/preflight.md.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { preflightPage } from "./preflight-page";

const file = path.join(__dirname, "..", "docs", "preflight.md");

void (async () => {
  writeFileSync(file, await format(preflightPage(), { ...(await resolveConfig(file)), filepath: file }));
})();
