import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { logFile } from "../../../cli/project/log-file";

let root: string;
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), "project-"))));
afterEach(() => rmSync(root, { recursive: true }));

test("a log is in a directory that git ignores in any project", () => {
  execFileSync("git", ["init", "--quiet"], { cwd: root });
  const file = logFile({ root }, "deploy.dev");
  writeFileSync(file, "output\n");
  expect(path.relative(root, file)).toBe(".codex-fleet/logs/deploy.dev.log");
  expect(execFileSync("git", ["status", "--porcelain", "--untracked-files=all"], { cwd: root, encoding: "utf8" })).toBe("");
});

test("a second log leaves what is there as it is", () => {
  writeFileSync(logFile({ root }, "deploy.dev"), "first\n");
  writeFileSync(path.join(root, ".codex-fleet/.gitignore"), "logs/\n");
  expect(path.basename(logFile({ root }, "destroy.dev"))).toBe("destroy.dev.log");
  expect(readFileSync(logFile({ root }, "deploy.dev"), "utf8")).toBe("first\n");
  expect(readFileSync(path.join(root, ".codex-fleet/.gitignore"), "utf8")).toBe("logs/\n");
});

test("a project whose directory cannot be made says where and what to do", () => {
  writeFileSync(path.join(root, ".codex-fleet"), "a file\n");
  expect(() => logFile({ root }, "deploy.dev")).toThrow(
    `the log of deploy.dev cannot be kept in ${root}/.codex-fleet/logs (ENOTDIR): make ${root} writable for this user`,
  );
});
