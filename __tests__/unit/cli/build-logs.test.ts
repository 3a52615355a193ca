import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildLogs } from "../../../cli/terraform/build-logs";

let root: string;
let directory: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "build-logs-"));
  directory = join(root, "stack");
});
afterEach(() => rmSync(root, { recursive: true }));

const worker = () => join(directory, "worker-image.build.log");

test("a directory that does not exist yet has nothing to show", () => {
  const logs = new BuildLogs(directory);
  expect(logs.read()).toEqual([]);
  mkdirSync(directory);
  writeFileSync(worker(), "one\ntw");
  expect(logs.read()).toEqual([{ image: "worker", text: "one" }]);
  appendFileSync(worker(), "o\r\n\nthree\n");
  expect(logs.read()).toEqual([
    { image: "worker", text: "two" },
    { image: "worker", text: "three" },
  ]);
  expect(logs.read()).toEqual([]);
});

test("existing lines belong to earlier builds, those of a log that begins anew do not", () => {
  mkdirSync(directory);
  writeFileSync(worker(), "earlier build\n");
  writeFileSync(join(directory, "cdk.tf.json"), "{}\n");
  const logs = new BuildLogs(directory);
  appendFileSync(worker(), "later\n");
  expect(logs.read()).toEqual([{ image: "worker", text: "later" }]);
  writeFileSync(worker(), "anew\n");
  expect(logs.read()).toEqual([{ image: "worker", text: "anew" }]);
});

test("a character split between two reads is decoded, and long lines are shortened", () => {
  mkdirSync(directory);
  const logs = new BuildLogs(directory);
  const [first, second] = [Buffer.from("é\n").subarray(0, 1), Buffer.from("é\n").subarray(1)];
  writeFileSync(worker(), first);
  expect(logs.read()).toEqual([]);
  appendFileSync(worker(), second);
  expect(logs.read()).toEqual([{ image: "worker", text: "é" }]);
  appendFileSync(worker(), `${"x".repeat(161)}\n`);
  expect(logs.read()).toEqual([{ image: "worker", text: `${"x".repeat(159)}…` }]);
});
