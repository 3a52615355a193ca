// Writes docs/tooling.md from the lockfiles of the worker image.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { toolingDocument } from "./tooling-document";

const root = path.join(__dirname, "..");
const file = path.join(root, "docs", "tooling.md");
format(toolingDocument(path.join(root, "assets", "worker")), { parser: "markdown", printWidth: 140 })
  .then((text) => writeFileSync(file, text))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
