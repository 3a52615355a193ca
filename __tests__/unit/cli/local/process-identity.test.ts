import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, ownIdentity, parseIdentity, RECORD_AND_EXEC, startTimeOf } from "../../../../cli/local/process-identity";
import { eventually } from "../../../support/eventually";

const STAT = "4711 (a ) R b) S 1 4711 4711 0 -1 4194560 174 0 0 0 0 0 0 0 20 0 1 0 987654 4567040 200 0";

test.each([
  [`${STAT}\nboot-1\n`, { pid: 4711, startTime: "987654", boot: "boot-1" }],
  [STAT, undefined],
  ["", undefined],
  [`${STAT.replace("4711", "1")}\nboot-1\n`, undefined],
])("what a process wrote about itself: %j", (text, identity) => {
  expect(parseIdentity(text)).toEqual(identity);
});

test("a process that has ended and waits for its parent is none", () => {
  expect(startTimeOf(STAT.replace(") S ", ") Z "))).toBeUndefined();
});

test("the same number with another start, or of another start of the machine, is somebody else", () => {
  const own = ownIdentity();
  expect(own.pid).toBe(process.pid);
  expect([own, { ...own, startTime: "1" }, { ...own, boot: "another" }].map(isAlive)).toEqual([true, false, false]);
});

test("a program is written down before it begins and lost when it ends", async () => {
  const directory = mkdtempSync(join(tmpdir(), "identity-"));
  const file = join(directory, "process");
  const child = spawn("/bin/sh", ["-c", RECORD_AND_EXEC, file, "sleep", "60"]);
  await eventually(() => expect(existsSync(file)).toBe(true));
  const identity = parseIdentity(readFileSync(file, "utf8"))!;
  expect(identity.pid).toBe(child.pid);
  expect(isAlive(identity)).toBe(true);
  child.kill();
  await once(child, "exit");
  expect(isAlive(identity)).toBe(false);
  rmSync(directory, { recursive: true });
});

test("a program that cannot be written down does not begin", async () => {
  const child = spawn("/bin/sh", ["-c", RECORD_AND_EXEC, "/nowhere/process", "sleep", "60"]);
  expect((await once(child, "exit"))[0]).toBe(74);
});
