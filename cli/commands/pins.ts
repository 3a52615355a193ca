import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { OperatorError } from "../console/operator-error";
import { PINNED_TOOLS, TOOL_NAMES, parseWantedPin } from "../pins/pinned-tool";
import { copyPins, pinsOf, updatePins } from "../pins/update-pins";
import { findProject, packageRoot } from "../project/project";

/** `codex-fleet pins`: which versions of the tools the worker image holds, and how to raise them. */
export function pinsCommand(): Command {
  return new Command("pins")
    .description("versions of the tools in the worker image")
    .addCommand(
      new Command("show")
        .description("table of the pinned tools")
        .option("--pins <dir>", "directory of manifests and lockfiles (default: the package's own)")
        .action(({ pins }: { pins?: string }) => showPins(pins ?? packagePins())),
    )
    .addCommand(
      new Command("update")
        .description("raise tools to a version or to their newest, and lock again with digests for amd64 and arm64")
        .argument("[tool@version...]", `tools, ${TOOL_NAMES.join(", ")} (default: all, each to its newest)`)
        .option("--pins <dir>", "directory of manifests and lockfiles")
        .action(async (tools: string[], { pins }: { pins?: string }) => {
          const directory = pins ?? ownPackagePins();
          const wanted = tools.length === 0 ? TOOL_NAMES.map((tool) => ({ tool, version: undefined })) : tools.map(parseWantedPin);
          const { before, after } = await updatePins(directory, wanted);
          for (const tool of TOOL_NAMES) {
            console.log(`${tool.padEnd(8)} ${before[tool] === after[tool] ? after[tool] : `${before[tool]} -> ${after[tool]}`}`);
          }
        }),
    )
    .addCommand(
      new Command("eject")
        .description("copy the package's manifests and lockfiles into a directory of your own")
        .argument("<dir>")
        .action((directory: string) => {
          if (existsSync(directory) && readdirSync(directory).length > 0) {
            throw new OperatorError(`${directory} is not empty; name a new directory, nothing was written`);
          }
          copyPins(packagePins(), directory);
          console.log(
            `wrote ${directory}; use it with this line in the environment file, relative to that file:\n\n[build]\npins = "${directory}"`,
          );
        }),
    );
}

function packagePins(): string {
  return path.join(packageRoot(), "assets", "worker");
}

/** The package's own pins, where the package is what is worked on. */
function ownPackagePins(): string {
  if (findProject().root === packageRoot()) return packagePins();
  throw new OperatorError("the package's pins are replaced with its next version: codex-fleet pins eject DIR, then update with --pins DIR");
}

function showPins(directory: string): void {
  const pins = pinsOf(directory);
  for (const tool of TOOL_NAMES) {
    const { name, manifest } = PINNED_TOOLS[tool];
    console.log(`${tool.padEnd(8)} ${pins[tool].padEnd(12)} ${name.padEnd(20)} ${path.join(directory, manifest)}`);
  }
}
