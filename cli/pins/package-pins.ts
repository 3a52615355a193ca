import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { PinnedTool } from "../../constructs/tool-pins";
import { columns } from "../console/columns";
import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";
import { output } from "../console/output";
import { findProject, packageRoot } from "../project/project";
import { parseWantedPin, PINNED_TOOLS, TOOL_NAMES } from "./pinned-tool";
import { copyPins, pinsOf, updatePins } from "./update-pins";

/** A tool of the worker image. */
export interface ShownPin {
  readonly tool: PinnedTool;
  readonly version: string;
  readonly package: string;
  readonly manifest: string;
}

/** The meaning of every field; docs/command-line.md prints it. */
export const PIN_FIELDS: Readonly<Record<keyof ShownPin, string>> = {
  tool: "`codex`, `gemini`, `specify` or `celery`",
  version: "the version its lockfile pins",
  package: "its name in npm or PyPI",
  manifest: "the file that asks for it",
};

/**
 * Prints the pinned tools.
 *
 * @param directory Manifests and lockfiles. @default - the package's own
 */
export function showPins(directory: string = packagePins(), json: boolean = false): void {
  const pins = pinsOf(directory);
  const shown = TOOL_NAMES.map((tool): ShownPin => {
    const { name, manifest } = PINNED_TOOLS[tool];
    return { tool, version: pins[tool], package: name, manifest: path.join(directory, manifest) };
  });
  const lines = json ? [JSON.stringify(shown, null, 2)] : columns(shown.map((pin) => [pin.tool, pin.version, pin.package, pin.manifest]));
  lines.forEach((line) => output().line(line));
}

/**
 * Raises tools and prints their old and new versions.
 *
 * @param asked `codex`, or `codex@1.2.3`; an empty list raises every tool to its newest version.
 * @throws OperatorError when the pins may not be changed here, or locking fails; then nothing is changed.
 */
export async function raisePins(asked: readonly string[], directory: string = ownPackagePins()): Promise<void> {
  const wanted = asked.length === 0 ? TOOL_NAMES.map((tool) => ({ tool, version: undefined })) : asked.map(parseWantedPin);
  const { before, after } = await updatePins(directory, wanted);
  const rows = TOOL_NAMES.map((tool) => [tool, before[tool] === after[tool] ? after[tool] : `${before[tool]} -> ${after[tool]}`]);
  columns(rows).forEach((line) => output().line(line));
}

/**
 * Copies the package's manifests and lockfiles into a directory of the project.
 *
 * @throws OperatorError when the directory is not empty.
 */
export function ejectPins(directory: string): void {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new OperatorError(`${directory} is not empty; name a new directory, nothing was written`);
  }
  copyPins(packagePins(), directory);
  output().line(
    `wrote ${directory}; use it with this line in the environment file, relative to that file:\n\n[build]\npins = "${directory}"`,
  );
}

function packagePins(): string {
  return path.join(packageRoot(), "assets", "worker");
}

/** The package's own pins, which may be changed only in a checkout of the package. */
function ownPackagePins(): string {
  if (findProject().root === packageRoot()) return packagePins();
  throw new OperatorError(
    `the package's pins are replaced with its next version: ${COMMAND_NAME} pins eject DIR, then ${COMMAND_NAME} pins update --pins DIR`,
  );
}
