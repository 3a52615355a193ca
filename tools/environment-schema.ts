// Writes environments/environment.schema.json, which editors check environment files with.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { environmentJsonSchemaText } from "../constructs/environment-json-schema";

writeFileSync(path.join(__dirname, "..", "environments", "environment.schema.json"), environmentJsonSchemaText());
