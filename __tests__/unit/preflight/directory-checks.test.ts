import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { homeCheck, judgeHome } from "../../../runtime/preflight/home-check";
import { judgeState, stateCheck } from "../../../runtime/preflight/state-check";
import { contextOf, scratch } from "./context";

test.each([
  [undefined, false, undefined, "failed", "HOME is not set"],
  ["", false, undefined, "failed", "HOME is not set"],
  ["here", false, undefined, "failed", 'HOME is "here", which is not an absolute path'],
  ["/h", false, undefined, "failed", "HOME is /h, which is not a directory"],
  ["/h", true, "EROFS", "failed", "/h cannot be written (EROFS)"],
  ["/h", true, undefined, "ok", "/h"],
])("home %j, directory %j, write error %j: %s", (home, isDirectory, writeError, status, found) => {
  expect(judgeHome(home, 1000, { isDirectory, writeError })).toMatchObject({ status, found });
});

test("home.directory probes and leaves nothing behind", async () => {
  const home = scratch();
  expect(await homeCheck.run(contextOf({ HOME: home }))).toMatchObject({ status: "ok", found: home });
  expect(readdirSync(home)).toEqual([]);
  expect(await homeCheck.run(contextOf({ HOME: join(home, "none") }))).toMatchObject({ status: "failed" });
  expect(await homeCheck.run(contextOf({}))).toMatchObject({ status: "failed", found: "HOME is not set" });
});

test("state.directory is made when it is not there, and names who must own it otherwise", async () => {
  const directory = join(scratch(), "state");
  expect(await stateCheck.run(contextOf({ FLEET_STATE_DIRECTORY: directory }))).toMatchObject({ status: "ok" });
  expect(existsSync(directory)).toBe(true);
  expect(readdirSync(directory)).toEqual([]);
  expect(judgeState("/s", 1001, "EACCES")).toEqual({
    status: "failed",
    found: "/s cannot be written (EACCES)",
    expected: "/s writable by uid 1001",
    fix: "mount a tmpfs at /s that uid 1001 owns",
  });
});
