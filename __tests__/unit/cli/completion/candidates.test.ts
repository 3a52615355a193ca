import { candidates } from "../../../../cli/completion/candidates";
import { fleetProgram } from "../../../../cli/program";

const NAMES: Readonly<Record<string, readonly string[]>> = { env: ["demo", "dev", "prod"], secret: ["github_token", "openai_api_key"] };

async function offered(...words: string[]): Promise<string | string[]> {
  const answer = await candidates(fleetProgram(), words, async (placeholder) => NAMES[placeholder] ?? []);
  return typeof answer === "string" ? answer : answer.map(({ value }) => value);
}

const COMMANDS = ["up", "plan", "down", "run", "ps", "login", "secrets", "codex-config", "pins", "sbom", "image", "completion", "help"];

test.each<[string, string[], string | string[]]>([
  ["commands", [""], COMMANDS],
  ["the beginning of a command", ["p"], ["plan", "ps", "pins"]],
  ["commands below a command", ["secrets", ""], ["init", "set", "list", "rotate", "help"]],
  ["what help takes", ["help", "se"], ["secrets"]],
  ["environments", ["up", ""], ["demo", "dev", "prod"]],
  ["an environment behind an option", ["up", "--run", "d"], ["demo", "dev"]],
  ["nothing behind the last argument", ["up", "dev", ""], []],
  ["options", ["ps", "-"], ["--json", "--help"]],
  ["options that are left", ["up", "--run", "-y", "--"], ["--engine", "--json", "--help"]],
  ["an option that may be repeated", ["run", "a/b", "--skill", "submit=x", "--sk"], ["--skill"]],
  ["choices of an option", ["up", "--engine", ""], ["docker", "local"]],
  ["choices in one word", ["up", "--engine=l"], ["--engine=local"]],
  ["choices as bash splits the word", ["up", "--engine", "=", "l"], ["local"]],
  ["choices as bash splits the word, before anything is typed", ["up", "--engine", "="], ["docker", "local"]],
  ["an environment of an option", ["run", "a/b", "--env", "p"], ["prod"]],
  ["an argument behind an option with a value", ["up", "--engine", "docker", "p"], ["prod"]],
  ["names of the second argument", ["secrets", "set", "dev", "o"], ["openai_api_key"]],
  ["choices of an argument", ["completion", ""], ["bash", "zsh", "fish"]],
  ["files", ["codex-config", "check", ""], "files"],
  ["directories", ["pins", "show", "--pins", ""], "directories"],
  ["arguments behind --", ["ps", "--", "-"], []],
  ["nothing of an unknown option", ["ps", "--wrong", "--"], ["--json", "--help"]],
])("offers %s: %j", async (_what, words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});
