import type { Argument, Command, Option } from "commander";
import { EVENT_MEANINGS } from "../cli/console/event";
import { asTyped, examplesOf } from "../cli/console/examples";
import { CliExitCode, EXIT_CODE_MEANINGS } from "../cli/console/exit-code";
import { STATUS_FIELDS } from "../cli/fleet/service-status";
import { PIN_FIELDS } from "../cli/pins/package-pins";
import { everyCommand, fleetProgram } from "../cli/program";
import { SECRET_FIELDS } from "../cli/secrets/secret-listing";

const PROGRAM = "codex-fleet";

/** docs/command-line.md: every command with its options and examples, exit codes, and the JSON output. */
export function commandPage(): string {
  const shown = everyCommand(fleetProgram(PROGRAM)).filter((command) => isShown(command));
  return [
    INTRODUCTION,
    ...shown.filter(({ commands, parent }) => parent !== null && commands.length === 0).map(commandSection),
    EXIT_CODES,
    table(
      ["code", "meaning"],
      Object.values(CliExitCode).map((code) => [String(code), EXIT_CODE_MEANINGS[code]]),
    ),
    PROGRAMS,
    "### ps --json",
    fieldTable(STATUS_FIELDS),
    "### secrets list --json",
    fieldTable(SECRET_FIELDS),
    "### pins show --json",
    fieldTable(PIN_FIELDS),
    EVENTS,
    table(
      ["event", "when", "fields"],
      Object.entries(EVENT_MEANINGS).map(([event, { when, fields }]) => [
        `\`${event}\``,
        when,
        Object.entries(fields)
          .map(([name, meaning]) => `\`${name}\`: ${meaning}`)
          .join("; "),
      ]),
    ),
    COMPLETION,
  ]
    .join("\n\n")
    .concat("\n");
}

const INTRODUCTION = `<!-- Written by npm run docs. -->

# The command line

Call the program as \`${PROGRAM}\` if it is installed globally, as \`npx ${PROGRAM}\` if it is a dependency of the project, and as
\`npm run -s fleet --\` in a checkout of this repository. The commands in its hints begin with the form that works where you called it.

\`[env]\` is optional. Without it the program takes the only environment of the project, or else \`demo\` if its services are scripted;
otherwise it asks on a terminal and fails in a script. Questions and errors go to standard error. Ctrl-C or Ctrl-D at a question
changes nothing.

\`NO_COLOR\` turns colours off, \`FORCE_COLOR=1\` turns them on in a pipe. The complete output of a deployment is in
\`.codex-fleet/logs\`, a directory that git ignores.`;

const EXIT_CODES = `## Exit codes

\`codex-config\` also ends with 78 for a file that differs; \`login\` ends with the code of \`codex login\`.`;

const PROGRAMS = `## For programs

With \`--json\` a command writes only JSON to standard output. Names and meanings are stable; new fields may be added.

\`\`\`sh
npm run -s fleet -- ps demo --json | jq -e 'all(.ok)'
npm run -s fleet -- secrets list demo --json | jq -e 'all(.ok)'
npm run -s fleet -- up demo -y --json | jq -ce 'select(.event == "done")'
\`\`\`

[review-changes.md](review-changes.md) describes \`plan --json\`. \`sbom\` writes a CycloneDX document.`;

const EVENTS = `### Events

\`up\`, \`down\`, \`run\` and \`secrets rotate\` with \`--json\` write events as they happen, one object per line. Each has \`event\` and
\`time\` (ISO 8601); the last one is \`done\` or \`failed\`.`;

const COMPLETION = `## Completion

To complete commands, options, environments of the project, choices and names of secrets in your shell:

\`\`\`console
source <(${PROGRAM} completion bash)       # in ~/.bashrc
source <(${PROGRAM} completion zsh)        # in ~/.zshrc, after compinit
${PROGRAM} completion fish | source        # in ~/.config/fish/config.fish
\`\`\`

Shells complete a command by its name. If you call it by other words, define a function with the name:

\`\`\`console
codex-fleet() { npx codex-fleet "$@"; }
\`\`\``;

function isShown(command: Command): boolean {
  return command.parent === null || command.parent.createHelp().visibleCommands(command.parent).includes(command);
}

function commandSection(command: Command): string {
  const examples = examplesOf(command).flatMap(([line, meaning]) => [`# ${meaning}`, asTyped(line, PROGRAM)]);
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)];
  return [
    `## ${fullName(command)}`,
    `\`${PROGRAM} ${fullName(command)} ${command.usage()}\``,
    `${sentence(command.description())}.`,
    ...(rows.length === 0 ? [] : [table(["", ""], rows)]),
    ["```console", ...examples, "```"].join("\n"),
  ].join("\n\n");
}

function fullName(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${parent.name()} ${command.name()}`;
}

function argumentRow(argument: Argument): string[] {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return [`\`${argument.required ? `<${name}>` : `[${name}]`}\``, withChoices(argument.description, argument.argChoices)];
}

function optionRow({ flags, description, argChoices, defaultValue }: Option): string[] {
  const preset = typeof defaultValue === "string" ? `; the default is \`${defaultValue}\`` : "";
  return [`\`${flags}\``, withChoices(description, argChoices) + preset];
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? description : `${description}: ${choices.map((each) => `\`${each}\``).join(", ")}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function fieldTable(fields: Readonly<Record<string, string>>): string {
  return table(
    ["field", "meaning"],
    Object.entries(fields).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
