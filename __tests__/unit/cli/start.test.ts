import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../../support/command";

const root = path.join(__dirname, "../../..");

/** Runs the program from its sources and returns which files of packages and of this project it loaded. */
async function load(...args: string[]): Promise<{ stdout: string; code: number; packages: string[]; ours: string[] }> {
  const listing = path.join(mkdtempSync(path.join(tmpdir(), "loaded-")), "listing.cjs");
  writeFileSync(listing, `process.on("exit", () => process.stderr.write("\\n" + JSON.stringify(Object.keys(require.cache))));`);
  const result = await run(process.execPath, ["--import", "tsx", "--require", listing, "cli/codex-fleet.ts", ...args], { cwd: root });
  const files = (JSON.parse(result.stderr.split("\n").at(-1)!) as string[]).map((file) => path.relative(root, file));
  const packages = files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return {
    ...{ stdout: result.stdout, code: result.code },
    // tsx and esbuild run the sources.
    packages: [...new Set(packages)].filter((name) => name !== "esbuild" && name !== "tsx").sort(),
    ours: files.filter((file) => !file.startsWith("node_modules/") && file.endsWith(".ts")),
  };
}

test.each([[["--help"]], [["--version"]], [["ps", "--help"]], [["completion", "bash"]], [["__complete", "--", "up", ""]]])(
  "%j loads no command's code: neither zod nor CDK for Terraform, and no room of a fleet",
  async (args) => {
    const { code, packages, ours } = await load(...args);
    expect(code).toBe(0);
    expect(packages).toEqual(["commander", "fastest-levenshtein"]);
    expect(ours.filter((file) => /^cli\/(docker|fleet|local|run|sbom|secrets|terraform)\//.test(file))).toEqual([]);
    expect(ours.length).toBeGreaterThan(20);
  },
);

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
  expect(await load("--version")).toMatchObject({ stdout: `${version}\n`, code: 0 });
});
