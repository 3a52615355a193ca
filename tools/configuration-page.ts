// Writes docs/configuration.md.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { configurationPage } from "../constructs/configuration-page";

writeFileSync(path.join(__dirname, "..", "docs", "configuration.md"), configurationPage());
