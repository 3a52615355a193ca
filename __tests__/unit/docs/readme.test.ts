import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "../../support/command";

const root = join(__dirname, "../../..");
const example = join(root, "examples/minimal");
const readme = readFileSync(join(root, "README.md"), "utf8");

test.each([
  ["ts", "main.ts"],
  ["toml", "environments/prod.toml"],
])("the README's %s example is examples/minimal/%s", (language, file) => {
  const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(readme);
  expect(block?.[1]).toBe(readFileSync(join(example, file), "utf8"));
});

test("the example synthesizes two fleets", async () => {
  const outdir = mkdtempSync(join(tmpdir(), "example-"));
  const tsx = require.resolve("tsx");
  const environment = { ...process.env, CDKTF_OUTDIR: outdir, TSX_TSCONFIG_PATH: join(root, "tsconfig.json") };
  await output(process.execPath, ["--import", tsx, "main.ts"], { cwd: example, env: environment });
  expect(readdirSync(join(outdir, "stacks")).sort()).toEqual(["lab", "lab-data", "prod", "prod-data"]);
});

test("every relative link leads somewhere", () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  expect(links.length).toBeGreaterThan(3);
});
