import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { extensionProblem } from "./build-extension";
import type { SettingIssue } from "./environment-problem";
import type { EnvironmentSettings } from "./environment-schema";
import { PIN_FILES, readPins } from "./tool-pins";

type BuildSettings = EnvironmentSettings["build"];

/** Build settings with absolute paths of the files they name, and what is wrong with these files. */
export function locateBuildFiles(
  build: BuildSettings,
  directory: string,
): { readonly build: BuildSettings; readonly issues: SettingIssue[] } {
  const located: BuildSettings = {
    ...build,
    ...(build.dockerfile === undefined ? {} : { dockerfile: path.resolve(directory, build.dockerfile) }),
    ...(build.pins === undefined ? {} : { pins: path.resolve(directory, build.pins) }),
  };
  return { build: located, issues: [...dockerfileIssues(located.dockerfile), ...pinIssues(located.pins)] };
}

function dockerfileIssues(file: string | undefined): SettingIssue[] {
  if (file === undefined) return [];
  const at = ["build", "dockerfile"];
  if (!isFile(file))
    return [
      { path: at, message: `must name a file, got ${file}, which is not a file`, fix: "create it, correct the path or remove the key" },
    ];
  const problem = extensionProblem(readFileSync(file, "utf8"));
  return problem === undefined ? [] : [{ path: at, message: problem, fix: `correct ${file} or remove the key` }];
}

function pinIssues(directory: string | undefined): SettingIssue[] {
  if (directory === undefined) return [];
  const at = ["build", "pins"];
  const missing = PIN_FILES.filter((file) => !isFile(path.join(directory, file)));
  if (missing.length > 0) {
    return [
      {
        path: at,
        message: `must be a directory with the tools' manifests and lockfiles, got ${directory} without ${missing.join(", ")}`,
        fix: `create it: codex-fleet pins eject ${directory}`,
      },
    ];
  }
  try {
    readPins((file) => readFileSync(path.join(directory, file), "utf8"));
    return [];
  } catch (error) {
    return [
      {
        path: at,
        message: `holds lockfiles that cannot be used: ${(error as Error).message}`,
        fix: `lock again: codex-fleet pins update --pins ${directory}`,
      },
    ];
  }
}

function isFile(file: string): boolean {
  return existsSync(file) && statSync(file).isFile();
}
