import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint } from "../../../../cli/local/service-definition";
import type { ServiceDefinition } from "../../../../cli/local/service-definition";

const directory = mkdtempSync(join(tmpdir(), "definition-"));
const secret = join(directory, "secret");
writeFileSync(secret, "one");
afterAll(() => rmSync(directory, { recursive: true }));

const API: ServiceDefinition = {
  name: "api",
  argv: ["node", "api.js"],
  environment: { A: "1", B: "2" },
  files: [secret],
  scratch: [],
  ready: { kind: "port", port: 1 },
  startLimit: 1000,
};

test("the order of variables, and what only this program needs, make no other service", () => {
  expect(fingerprint({ ...API, environment: { B: "2", A: "1" }, startLimit: 5, ready: { kind: "port", port: 2 } })).toBe(fingerprint(API));
});

test.each<[string, Partial<ServiceDefinition>]>([
  ["another argument", { argv: ["node", "other.js"] }],
  ["another variable", { environment: { A: "1", B: "3" } }],
  ["one more file", { files: [secret, join(directory, "absent")] }],
])("%s makes another service", (_what, change) => {
  expect(fingerprint({ ...API, ...change })).not.toBe(fingerprint(API));
});

test("another content of a file makes another service", () => {
  const before = fingerprint(API);
  writeFileSync(secret, "two");
  expect(fingerprint(API)).not.toBe(before);
});
