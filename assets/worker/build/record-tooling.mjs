// Runs the tools of the image, compares each with its pin and writes tooling.json (ToolingRecord of runtime/contract/image-layout.ts).
// usage: record-tooling.mjs LOCKS OUTPUT [self]
// In an image build the tools run as the worker's account, and the build arguments have to equal the pins; with `self`
// the tools run as the caller and there are no build arguments.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, chownSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { parsePins } from "./pins.cjs";

const [locks, output] = process.argv.slice(2);
const home = mkdtempSync("/var/tmp/tooling-");
const inImage = process.argv[4] !== "self";
const account = inImage ? { uid: 1000, gid: 1000 } : {};
if (inImage) chownSync(home, account.uid, account.gid);
process.on("exit", () => rmSync(home, { recursive: true, force: true }));
const pins = parsePins({
  codex: readFileSync(`${locks}/codex.json`, "utf8"),
  gemini: readFileSync(`${locks}/gemini.json`, "utf8"),
  python: readFileSync(`${locks}/requirements.txt`, "utf8"),
});

// The code mode host has no --version: it comes from the same package as codex.
const TOOLS = ["codex", "codex-code-mode-host", "gemini", "specify", "speckit", "celery", "node", "git"];
const SPOKEN_BY = { "codex-code-mode-host": "codex" };
const PIN_OF = { codex: "codex", gemini: "gemini", specify: "specify", speckit: "specify", celery: "celery" };

const problems = [];
for (const [tool, pin] of Object.entries(inImage ? pins : {})) {
  const argument = `${tool.toUpperCase()}_VERSION`;
  if (process.env[argument] !== pin)
    problems.push(`build argument ${argument} is ${process.env[argument]}, the lockfile pins ${pin}: make them equal`);
}

// Run all tools concurrently.
const records = await Promise.all(
  TOOLS.map(async (tool) => {
    try {
      const path = which(tool);
      const [version, sha256] = await Promise.all([spokenVersion(SPOKEN_BY[tool] ?? tool), digest(realpathSync(path))]);
      const pin = PIN_OF[tool] === undefined ? version : pins[PIN_OF[tool]];
      if (version !== pin)
        problems.push(`${tool} says it is ${version}, the lockfile pins ${pin}: build again without cache, or repair the lockfile`);
      return [tool, { version, path, sha256 }];
    } catch (error) {
      problems.push(`${tool} does not work: ${error.message}`);
      return [tool, undefined];
    }
  }),
);
const tools = Object.fromEntries(records);

if (problems.length > 0) {
  console.error(`the image's tools are not what the lockfiles say:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  process.exit(1);
}
writeFileSync(output, `${JSON.stringify({ schema: 1, tools }, null, 2)}\n`);
console.log(
  Object.entries(tools)
    .map(([tool, { version }]) => `${tool} ${version}`)
    .join("\n"),
);

function which(tool) {
  return execFileSync("/bin/sh", ["-c", 'command -v "$1"', "sh", tool], { encoding: "utf8" }).trim();
}

/** Runs `tool --version` as the worker's account, with a temporary HOME so that the image stays unchanged. */
async function spokenVersion(tool) {
  const { stdout: said } = await promisify(execFile)(tool, ["--version"], {
    encoding: "utf8",
    timeout: 60_000,
    ...account,
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" },
  });
  const version = /\d+\.\d+\.\d+[\w.+-]*/.exec(said)?.[0];
  if (version === undefined) throw new Error(`"${tool} --version" said ${JSON.stringify(said.slice(0, 200))}, which holds no version`);
  return version;
}

async function digest(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
