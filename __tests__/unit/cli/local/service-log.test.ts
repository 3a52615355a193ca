import { appendFileSync, closeSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLines, logSize, openServiceLog } from "../../../../cli/local/service-log";

let directory: string;
let log: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "log-"));
  log = join(directory, "api.log");
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(text: string): void {
  const descriptor = openServiceLog(log);
  writeSync(descriptor, text);
  closeSync(descriptor);
}

test("a log goes on where it ended, readable by its owner alone", () => {
  write("one\n");
  write("two\n");
  expect(lastLines(log, 0, 30)).toEqual(["one", "two"]);
  expect(statSync(log).mode & 0o777).toBe(0o600);
});

test("a log that has grown large begins anew, and the one before stays", () => {
  writeFileSync(log, "old\n");
  truncateSync(log, 5 * 1024 * 1024 + 1);
  write("new\n");
  expect(lastLines(log, 0, 30)).toEqual(["new"]);
  expect(existsSync(`${log}.1`)).toBe(true);
});

test("the last lines of this start alone", () => {
  write("before\n");
  const offset = logSize(log);
  appendFileSync(log, "a\r\n\nb\nc");
  expect(lastLines(log, offset, 2)).toEqual(["b", "c"]);
  expect(lastLines(log, offset, 30)).toEqual(["a", "b", "c"]);
  expect(lastLines(join(directory, "none.log"), 0, 30)).toEqual([]);
});
