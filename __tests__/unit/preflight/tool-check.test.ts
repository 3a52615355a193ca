import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeTool, toolCheck, toolRecordCheck } from "../../../runtime/preflight/tool-check";
import { contextOf, scratch } from "./context";

const REBUILD = "rebuild the image (codex-fleet up), or pull it again; install nothing over its tools";
const RECORD = { version: "1.2.3", path: "/bin/tool", sha256: "aa" };
const SEEN = { path: "/bin/tool", sha256: "aa", said: { exit: 0, output: "tool 1.2.3 (name)\n" } };

test.each([
  ["the recorded one", RECORD, SEEN, "ok", "tool 1.2.3 at /bin/tool"],
  ["no entry", undefined, SEEN, "failed", "no entry in the image's record"],
  ["not on PATH", RECORD, { path: undefined }, "failed", "tool is not on PATH"],
  ["shadowed", RECORD, { ...SEEN, path: "/home/tool" }, "failed", "/home/tool comes first on PATH"],
  ["a stub that exits 0", RECORD, { ...SEEN, said: { exit: 0, output: "" } }, "failed", '"tool --version" named no version'],
  ["one that cannot run", RECORD, { ...SEEN, said: { exit: "ENOENT", output: "" } }, "failed", '"tool --version" ended with ENOENT'],
  ["another version", RECORD, { ...SEEN, said: { exit: 0, output: "1.2.4" } }, "failed", "tool 1.2.4"],
  ["a longer version", RECORD, { ...SEEN, said: { exit: 0, output: "1.2.3-rc.1" } }, "failed", "tool 1.2.3-rc.1"],
  ["another file", RECORD, { ...SEEN, sha256: "bb" }, "failed", "the file has the digest sha256:bb"],
])("%s", (_name, record, seen, status, found) => {
  expect(judgeTool("tool", record, seen)).toMatchObject({ status, found });
});

test("a passed tool is a fact of the profile", () => {
  expect(judgeTool("tool", RECORD, SEEN)).toEqual({
    status: "ok",
    found: "tool 1.2.3 at /bin/tool",
    expected: "tool 1.2.3 at /bin/tool",
    fix: "",
    facts: { tool: { name: "tool", path: "/bin/tool", version: "1.2.3" } },
  });
});

describe("on real files", () => {
  const directory = scratch();
  const bin = join(directory, "bin");
  const file = join(directory, "tool-1.2.3");
  const record = join(directory, "tooling.json");
  const context = (cheap = false) => contextOf({ PATH: `${bin}:/usr/bin:/bin`, FLEET_TOOLING: record }, { cheap });

  beforeEach(() => {
    rmSync(bin, { recursive: true, force: true });
    mkdirSync(bin);
    install("#!/bin/sh\necho tool 1.2.3\n");
    symlinkSync(file, join(bin, "tool"));
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
    writeFileSync(record, JSON.stringify({ schema: 1, tools: { tool: { version: "1.2.3", path: join(bin, "tool"), sha256 } } }));
  });
  const install = (text: string) => {
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  };

  test("passes through a link", async () => {
    expect(await toolCheck("tool", "both").run(context())).toMatchObject({ status: "ok" });
  });

  test("a stub in its place is found by what it says, and by its digest", async () => {
    install("#!/bin/sh\nexit 0\n");
    expect(await toolCheck("tool", "version").run(context())).toMatchObject({
      status: "failed",
      found: '"tool --version" named no version',
      fix: REBUILD,
    });
    expect(await toolCheck("tool", "digest").run(context())).toMatchObject({ status: "failed", fix: REBUILD });
  });

  test("a program that lies about its version is found by its digest", async () => {
    install("#!/bin/sh\n# another\necho tool 1.2.3\n");
    expect(await toolCheck("tool", "version").run(context())).toMatchObject({ status: "ok" });
    expect(await toolCheck("tool", "both").run(context())).toMatchObject({ status: "failed" });
  });

  test("the cheap run starts no program, but finds every missing tool", async () => {
    install("#!/bin/sh\nexit 1\n");
    expect(await toolCheck("tool", "both").run(context(true))).toMatchObject({ status: "ok" });
    rmSync(join(bin, "tool"));
    expect(await toolCheck("tool", "both").run(context(true))).toMatchObject({ status: "failed", found: "tool is not on PATH" });
  });

  test("a record that is gone or broken", async () => {
    expect(await toolRecordCheck.run(context())).toMatchObject({ status: "ok" });
    writeFileSync(record, '{"schema":2}');
    expect(await toolRecordCheck.run(context())).toMatchObject({
      status: "failed",
      found: `${record} is not a tool record (tooling.json)`,
    });
    rmSync(record);
    expect(await toolRecordCheck.run(context())).toMatchObject({ status: "failed", found: `${record} cannot be read (ENOENT)` });
  });
});
