import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ProgramCache, userCacheHome } from "../../../../cli/packages/program-cache";

let cache: ProgramCache;

beforeEach(() => {
  cache = new ProgramCache(mkdtempSync(path.join(tmpdir(), "fleet-cache-")));
});

const release = readFileSync("/etc/os-release", "utf8");
const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(release)?.[1] ?? "";
const SYSTEM = `${field("ID")} ${field("VERSION_ID") || field("VERSION_CODENAME")} ${process.arch}`;

function putTree(name: string, record: object | undefined, program = "exit 0"): string {
  const directory = path.join(cache.directory, name);
  mkdirSync(path.join(directory, "bin"), { recursive: true });
  writeFileSync(path.join(directory, "bin/jq"), `#!/bin/sh\n${program}\n`);
  chmodSync(path.join(directory, "bin/jq"), 0o755);
  const complete = { recipe: 1, system: SYSTEM, directory, version: "1.7", packages: [], ...record };
  if (record !== undefined) writeFileSync(path.join(directory, "packages.json"), JSON.stringify(complete));
  return directory;
}

test("a program that is complete and runs is found", async () => {
  expect(await cache.find(["jq"])).toEqual([]);
  const directory = putTree("jq-1", {});
  expect(await cache.find(["jq", "git"])).toEqual([{ program: "jq", directory, bin: path.join(directory, "bin"), version: "1.7" }]);
});

test.each<[string, object | undefined, string]>([
  ["was interrupted while it was unpacked", undefined, "exit 0"],
  ["was unpacked for another release", { system: "debian 11 x64" }, "exit 0"],
  ["was unpacked elsewhere, and moved", { directory: "/elsewhere" }, "exit 0"],
  ["was unpacked another way", { recipe: 0 }, "exit 0"],
  ["does not run any more", {}, "exit 127"],
])("one that %s is not", async (_what, record, program) => {
  putTree("jq-1", record, program);
  expect(await cache.find(["jq"])).toEqual([]);
});

describe("removal", () => {
  let running: ChildProcess | undefined;

  afterEach(() => {
    running?.kill("SIGKILL");
  });

  (process.platform === "linux" ? test : test.skip)("spares what runs", async () => {
    putTree("jq-1", {});
    const used = putTree("git-1", {});
    copyFileSync("/bin/sleep", path.join(used, "bin/sleep"));
    running = spawn(path.join(used, "bin/sleep"), ["600"], { stdio: "ignore" });
    await once(running, "spawn");
    expect(cache.remove()).toEqual(["git"]);
    expect(readdirSync(cache.directory)).toEqual(["git-1"]);
    running.kill("SIGKILL");
    await once(running, "exit");
    expect(cache.remove()).toEqual([]);
    expect(existsSync(path.dirname(cache.directory))).toBe(false);
  });
});

test.each([
  [{ XDG_CACHE_HOME: "/caches" }, "/caches"],
  [{}, path.join(process.env["HOME"] ?? "/", ".cache")],
])("the user's caches with %o", (environment, directory) => {
  expect(userCacheHome(environment)).toBe(directory);
});
