import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSkill, readManifest } from "../../../runtime/stages/skill-directory";
import { parseAnswer } from "../../../runtime/stages/run-skill";

const SPECKIT = join(__dirname, "..", "..", "..", "assets", "worker", "skills");
const FRONT = "---\nname: own\ndescription: Does it.\nstages: [discover]\n---\n# Own\n";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "skills-"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string, mode = 0o755): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

test("the skill of the image has every stage", async () => {
  for (const stage of ["discover", "submit", "publish"] as const) {
    const skill = await loadSkill("speckit", stage, [SPECKIT]);
    expect([skill.program, skill.manifest.shadow]).toEqual([join(SPECKIT, "speckit", "stages", stage), true]);
  }
});

test("the first root that has the skill wins", async () => {
  write("first/own/SKILL.md", FRONT);
  write("first/own/stages/discover", "#!/bin/sh\n");
  write("second/own/SKILL.md", FRONT);
  write("second/own/stages/discover", "#!/bin/sh\n");
  expect((await loadSkill("own", "discover", [join(root, "none"), join(root, "first"), join(root, "second")])).directory).toBe(
    join(root, "first/own"),
  );
});

test("what is wrong is named", async () => {
  await expect(loadSkill("own", "discover", [root])).rejects.toThrow(`the skill "own" is in none of ${root} (SPEC_WORKFLOW_SKILLS_ROOT)`);
  write("own/SKILL.md", FRONT);
  await expect(loadSkill("own", "submit", [root])).rejects.toThrow('the skill "own" has no stage submit; it has discover');
  await expect(loadSkill("own", "discover", [root])).rejects.toThrow(`${root}/own/stages/discover is missing or not executable`);
  write("own/stages/discover", "#!/bin/sh\n");
  chmodSync(join(root, "own/stages/discover"), 0o644);
  await expect(loadSkill("own", "discover", [root])).rejects.toThrow("is missing or not executable");
  write("other/SKILL.md", FRONT);
  await expect(loadSkill("other", "discover", [root])).rejects.toThrow(`${root}/other/SKILL.md: the name is "own", the directory "other"`);
});

test.each([
  ["# no front matter\n", "S: it must begin with a front matter between two lines of three dashes"],
  ["---\nname: [\n---\n", /^S: the front matter is not YAML: /],
  ["---\nname: Own\ndescription: x\nstages: [fly]\n---\n", /^S: name: .*; stages\.0: /],
])("front matter %j", (text, message) => {
  expect(() => readManifest(text, "S")).toThrow(message);
});

test("front matter with line ends of Windows", () => {
  expect(readManifest(FRONT.replaceAll("\n", "\r\n"), "S")).toEqual({
    name: "own",
    description: "Does it.",
    stages: ["discover"],
    shadow: false,
  });
});

test.each([
  ["no json", 'P did not answer with one JSON object, but with "no json"'],
  ['{"prompt":""}', /^P: prompt: /],
  ["{}", /^P: prompt: /],
])("an answer to submit: %s", (stdout, message) => {
  expect(() => parseAnswer("submit", stdout, "P")).toThrow(message);
});
