import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkFile, mergeFile } from "../../../cli/codex-config/config-file";
import { OperatorError } from "../../../cli/console/operator-error";
import { mergeCodexConfig } from "../../../runtime/contract";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "codex-config-"));
  file = join(directory, "config.toml");
});
afterEach(() => rmSync(directory, { recursive: true }));

const THEIRS = '# mine\r\napproval_policy = "on-request"\r\n\r\n[tui]\r\nnotifications = true\r\n';

function refusal(action: () => unknown): { message: string; exitCode: number } {
  try {
    action();
  } catch (error) {
    if (error instanceof OperatorError) return { message: error.message, exitCode: error.exitCode };
    throw error;
  }
  throw new Error("it was not refused");
}

test("merge writes what the contract's merge says, keeps the mode and leaves no other file", () => {
  writeFileSync(file, THEIRS);
  chmodSync(file, 0o640);
  expect(mergeFile(file)[0]).toBe(`${file}: approval_policy was "on-request", is now "never"`);
  const expected = mergeCodexConfig(THEIRS);
  expect({ ok: true, text: readFileSync(file, "utf8") }).toEqual({ ok: expected.ok, text: expected.ok && expected.text });
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readdirSync(directory)).toEqual(["config.toml"]);
  expect(mergeFile(file)).toEqual([`${file}: nothing to change`]);
  expect(checkFile(file)).toEqual([`${file}: every managed setting has its required value`]);
});

test("merge through a link changes the file behind it", () => {
  const link = join(directory, "link.toml");
  writeFileSync(file, THEIRS);
  symlinkSync(file, link);
  mergeFile(link);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, "utf8")).toContain('approval_policy = "never"');
});

test("a file that cannot be parsed is refused with 78 and stays untouched", () => {
  const broken = 'approval_policy = "never\nx = 1\n';
  writeFileSync(file, broken);
  const before = statSync(file, { bigint: true });
  for (const action of [mergeFile, checkFile]) {
    const { message, exitCode } = refusal(() => action(file));
    expect(exitCode).toBe(78);
    expect(message).toMatch(new RegExp(`^${file}:1:\\d+: is not valid TOML: `));
  }
  expect(readFileSync(file, "utf8")).toBe(broken);
  expect(statSync(file, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
});

test("check names every setting that differs, with 78", () => {
  const merged = mergeCodexConfig("");
  writeFileSync(file, (merged.ok ? merged.text : "").replace('approval_policy = "never"', 'approval_policy = "untrusted"'));
  expect(refusal(() => checkFile(file))).toEqual({
    exitCode: 78,
    message: `${file}: approval_policy is "untrusted", must be "never"\nfix: npm run -s fleet -- codex-config merge ${file}`,
  });
});

test("a file that is not there is an error that names it", () => {
  expect(refusal(() => mergeFile(file))).toEqual({
    exitCode: 78,
    message: `${file} cannot be read (ENOENT): name a config.toml that exists`,
  });
});
