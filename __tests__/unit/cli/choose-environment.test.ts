import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultEnvironment } from "../../../cli/project/choose-environment";
import { environmentFile, environmentNames } from "../../../cli/project/project";

test.each<[string[], boolean, string | undefined]>([
  [[], false, undefined],
  [["prod"], false, "prod"],
  [["demo"], false, "demo"],
  [["dev", "prod"], false, undefined],
  [["demo", "dev", "prod"], true, "demo"],
  // A real fleet that happens to be called demo is not the demonstration.
  [["demo", "dev"], false, undefined],
])("of %j, demo scripted %s, a command without a name means %s", (names, scripted, expected) => {
  expect(defaultEnvironment(names, () => scripted)).toBe(expected);
});

test("environments are the files of the directory, without this machine's own settings", () => {
  const root = mkdtempSync(path.join(tmpdir(), "project-"));
  const project = { root, environments: path.join(root, "environments") };
  expect(environmentNames(project)).toEqual([]);
  mkdirSync(project.environments);
  for (const file of ["staging.toml", "dev.toml", "dev.local.toml", "README.md"]) writeFileSync(path.join(project.environments, file), "");
  expect(environmentNames(project)).toEqual(["dev", "staging"]);
  expect(() => environmentFile(project, "stagin")).toThrow(
    `no environment "stagin": ${project.environments}/stagin.toml does not exist; did you mean staging? there are dev, staging`,
  );
  rmSync(root, { recursive: true });
});
