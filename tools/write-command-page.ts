// Writes docs/command-line.md.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { commandPage } from "./command-page";

writeFileSync(path.join(__dirname, "..", "docs", "command-line.md"), commandPage());
