import { Command } from "commander";
import { withExamples } from "../console/examples";
import { TOOL_NAMES } from "../pins/pinned-tool";

/** `codex-fleet pins`: shows and raises the versions of the tools in the worker image. */
export function pinsCommand(): Command {
  return new Command("pins")
    .description("versions of the tools in the worker image")
    .addCommand(showCommand())
    .addCommand(updateCommand())
    .addCommand(ejectCommand());
}

function showCommand(): Command {
  const command = new Command("show")
    .description("table of the pinned tools")
    .option("--pins <dir>", "directory of manifests and lockfiles (default: the package's own)")
    .option("--json", "an array with one object per tool")
    .action(async ({ pins, json }: { readonly pins?: string; readonly json?: true }) => {
      const { showPins } = await import("../pins/package-pins");
      showPins(pins, json === true);
    });
  return withExamples(command, [
    ["pins show", "what the package pins"],
    ["pins show --pins my-pins --json", "pins of your own, for a program"],
  ]);
}

function updateCommand(): Command {
  const command = new Command("update")
    .description("raise tools to a version or to their newest, and lock again with digests for amd64 and arm64")
    .argument("[tool@version...]", `tools, ${TOOL_NAMES.join(", ")} (default: all, each to its newest version)`)
    .option("--pins <dir>", "directory of manifests and lockfiles")
    .action(async (tools: string[], { pins }: { readonly pins?: string }) => {
      const { raisePins } = await import("../pins/package-pins");
      await raisePins(tools, pins);
    });
  return withExamples(command, [
    ["pins update codex@0.50.0 --pins my-pins", "one tool to this version"],
    ["pins update --pins my-pins", "every tool to its newest"],
  ]);
}

function ejectCommand(): Command {
  const command = new Command("eject")
    .description("copy the package's manifests and lockfiles into a directory of your own")
    .argument("<dir>", "a new directory")
    .action(async (directory: string) => {
      const { ejectPins } = await import("../pins/package-pins");
      ejectPins(directory);
    });
  return withExamples(command, [["pins eject my-pins", 'then build from it, with pins = "../my-pins" in [build]']]);
}
