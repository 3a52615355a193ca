import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { environmentJsonSchemaText } from "../../../constructs/environment-json-schema";

const directory = path.join(__dirname, "../../../environments");

test("the editor's schema is up to date (npm run schema)", () => {
  expect(readFileSync(path.join(directory, "environment.schema.json"), "utf8")).toBe(environmentJsonSchemaText());
});

test("every environment file names the schema", () => {
  const files = readdirSync(directory).filter((file) => file.endsWith(".toml") && !file.endsWith(".local.toml"));
  expect(files.map((file) => readFileSync(path.join(directory, file), "utf8").split("\n")[0])).toEqual(
    files.map(() => "#:schema ./environment.schema.json"),
  );
});
