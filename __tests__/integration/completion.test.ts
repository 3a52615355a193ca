import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { output } from "../support/command";
import { onTerminal, TAB } from "../support/terminal";

jest.setTimeout(60_000);

/** Declares a shell's tests, or skips them with a visible message. */
function whereInstalled(shell: string): jest.Describe {
  const found = (process.env["PATH"] ?? "").split(delimiter).some((directory) => existsSync(join(directory, shell)));
  if (!found) console.warn(`completion in ${shell} is not tested: ${shell} is not installed (apt-get install ${shell})`);
  return found ? describe : describe.skip;
}

const ROOT = join(__dirname, "../..");

let project: string;
let environment: NodeJS.ProcessEnv;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "completion-"));
  mkdirSync(join(project, "environments"));
  writeFileSync(join(project, "cdktf.json"), "{}\n");
  for (const name of ["dev", "prod", "staging"]) writeFileSync(join(project, `environments/${name}.toml`), "");
  writeFileSync(join(project, "a file.toml"), "");
  const program = join(project, "bin/codex-fleet");
  mkdirSync(join(project, "bin"));
  writeFileSync(
    program,
    `#!/bin/sh\nexec ${process.execPath} --import ${require.resolve("tsx")} ${join(ROOT, "cli/codex-fleet.ts")} "$@"\n`,
  );
  chmodSync(program, 0o755);
  environment = { ...process.env, PATH: `${join(project, "bin")}${delimiter}${process.env.PATH}`, HOME: project };
});
afterAll(() => rmSync(project, { recursive: true }));

/** What is typed, and the expected completions. */
const CASES: readonly [string, readonly string[]][] = [
  ["codex-fleet p", ["pins", "plan", "ps"]],
  ["codex-fleet ps ", ["dev", "prod", "staging"]],
  ["codex-fleet run a/b --env st", ["staging"]],
  ["codex-fleet up --engine ", ["docker", "local"]],
  ["codex-fleet up --engine=l", ["local"]],
  ["codex-fleet ps --", ["--help", "--json"]],
  ["codex-fleet secrets set dev g", ["gemini_api_key", "github_token", "google_api_key"]],
  ["codex-fleet codex-config check a", ["a file.toml"]],
];

describe("bash", () => {
  test.each(CASES)("%s", async (line, expected) => {
    // As readline calls it: it splits words at "=" too, and the last word is being typed.
    const words = line.split(/(=)| /).filter((word) => word !== undefined);
    const script = [
      "source <(codex-fleet completion bash)",
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})`,
      `COMP_CWORD=${words.length - 1}`,
      "_codex_fleet",
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ].join("\n");
    const offered = await output("bash", ["-c", script], { cwd: project, env: environment });
    expect(offered.split("\n").sort()).toEqual(expected);
  });
});

const fish = whereInstalled("fish");
fish("fish", () => {
  test.each(CASES)("%s", async (line, expected) => {
    const script = `codex-fleet completion fish | source; complete --do-complete '${line}'`;
    const offered = await output("fish", ["--no-config", "--command", script], { cwd: project, env: environment });
    const values = offered.split("\n").map((each) =>
      each
        .split("\t")[0]!
        .replace(/^--engine=/, "")
        .replaceAll("\\ ", " "),
    );
    expect(values.sort()).toEqual(expected);
  });
});

const zsh = whereInstalled("zsh");
zsh("zsh", () => {
  // Press Tab as a person does and look at the terminal: a single candidate is completed.
  test.each([
    ["codex-fleet secr", "codex-fleet secrets "],
    ["codex-fleet ps st", "codex-fleet ps staging "],
    ["codex-fleet run a/b --env st", "codex-fleet run a/b --env staging "],
    ["codex-fleet up --engine l", "codex-fleet up --engine local "],
    ["codex-fleet up --engine=l", "codex-fleet up --engine=local "],
    ["codex-fleet secrets set dev gi", "codex-fleet secrets set dev github_token "],
    ["codex-fleet codex-config check a", "codex-fleet codex-config check a\\ file.toml "],
  ])("%s", async (line, expected) => {
    writeFileSync(
      join(project, ".zshrc"),
      [
        "PS1='ready> '",
        "unsetopt beep prompt_cr prompt_sp",
        "autoload -Uz compinit && compinit -u -D",
        "source <(codex-fleet completion zsh)",
        // Prints the line as it is, and ends.
        `show() { print -r -- $'\\n'"[$BUFFER]"; exit }`,
        "zle -N show && bindkey '^X' show",
      ].join("\n"),
    );
    const { shown } = await onTerminal("zsh -i", [{ at: /ready> /, type: `${line}${TAB}\u0018` }], { cwd: project, env: environment });
    expect(/^\[(.*)\]$/m.exec(shown)?.[1]).toBe(expected);
  });
});
