import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergeCodexConfig } from "../../../runtime/contract";
import { policyFilesOf, PolicyWatch } from "../../../runtime/worker/policy-watch";

const managed = mergeCodexConfig("");
const CONFIG = managed.ok ? managed.text : "";
const REQUIREMENTS = 'allowed_approval_policies = ["never"]\n';

let home: string;
let watch: PolicyWatch;
const at = (name: string) => join(home, name);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "policy-"));
  writeFileSync(at("config.toml"), CONFIG);
  writeFileSync(at("template.toml"), CONFIG);
  writeFileSync(at("requirements.toml"), REQUIREMENTS);
  watch = new PolicyWatch(
    home,
    policyFilesOf({ CODEX_TEMPLATE_PATH: at("template.toml"), FLEET_ENGINE: "docker" }, at("requirements.toml")),
  );
});

test("all is well, twice", () => {
  expect([watch.look(), watch.look()]).toEqual([null, null]);
});

test.each([
  ["config.toml", undefined, /config\.toml is gone$/],
  ["config.toml", CONFIG.replace('"never"', '"on-request"'), /config\.toml: approval_policy is "on-request", must be "never"$/],
  ["config.toml", "= 1\n", /config\.toml:1:1: /],
  ["template.toml", undefined, /template\.toml is gone$/],
  ["template.toml", "", /template\.toml: approval_policy is not set, /],
  ["requirements.toml", undefined, /requirements\.toml is gone$/],
  ["requirements.toml", 'allowed_approval_policies = ["on-request"]\n', /^allowed_approval_policies is \["on-request"\]$/],
])("%s as %j is said, until it is restored", (name, content, words) => {
  const right = name === "requirements.toml" ? REQUIREMENTS : CONFIG;
  expect(watch.look()).toBeNull();
  if (content === undefined) rmSync(at(name));
  else writeFileSync(at(name), content);
  expect(watch.look()).toMatch(words);
  expect(watch.look()).toMatch(words);
  writeFileSync(at(name), right);
  expect(watch.look()).toBeNull();
});

test("several problems are said at once", () => {
  rmSync(at("config.toml"));
  rmSync(at("requirements.toml"));
  expect(watch.look()).toBe(`${at("config.toml")} is gone; ${at("requirements.toml")} is gone`);
});

test("a directory in the place of a file cannot be read", () => {
  const other = new PolicyWatch(home, [{ path: home, judge: () => null }]);
  expect(other.look()).toBe(`${home} cannot be read (EISDIR)`);
});

test("without a container no requirements are watched", () => {
  const paths = policyFilesOf({ CODEX_TEMPLATE_PATH: "/t", FLEET_ENGINE: "local" }).map(({ path }) => path);
  expect(paths).toEqual(["/t"]);
});
