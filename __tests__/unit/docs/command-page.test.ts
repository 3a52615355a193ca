import { readFileSync } from "node:fs";
import path from "node:path";
import { CliExitCode } from "../../../cli/console/exit-code";
import { examplesOf } from "../../../cli/console/examples";
import { everyCommand, fleetProgram } from "../../../cli/program";
import { commandPage } from "../../../tools/command-page";

const page = readFileSync(path.join(__dirname, "../../../docs/command-line.md"), "utf8");

test("docs/command-line.md is up to date (npm run docs)", () => {
  expect(page).toBe(commandPage());
});

test("the table has every exit code of the program", () => {
  expect([...page.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code))).toEqual(Object.values(CliExitCode));
});

test("every command that does something has an example", () => {
  const bare = everyCommand(fleetProgram()).filter((command) => command.commands.length === 0 && examplesOf(command).length === 0);
  expect(bare.map((command) => command.name())).toEqual(["__complete"]);
});

test("every example is a command line the program takes", () => {
  const lines = everyCommand(fleetProgram("codex-fleet")).flatMap((command) => examplesOf(command).map(([line]) => line));
  const words = lines.map((line) => (/^.*?\{\} ([^|;<>)]*)/.exec(line)?.[1] ?? line).trim().split(/\s+/));
  expect(lines.length).toBeGreaterThan(25);
  for (const line of words) expect(() => parseOnly(line)).not.toThrow();
});

/** Parses a command line up to its action, without running it. */
function parseOnly(words: readonly string[]): void {
  const program = fleetProgram("codex-fleet");
  for (const command of everyCommand(program)) {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined, outputError: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
  }
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if ((error as { exitCode?: number }).exitCode !== 0) throw error;
  }
}
