import { Command, InvalidArgumentError, Option } from "commander";
import { AGENTS, STAGES } from "../../runtime/contract/stage-name";
import type { SkillOverrides } from "../../runtime/contract";
import { withExamples } from "../console/examples";
import { narrate } from "../console/output";
import type { RunRequest } from "../run/start-run";

type RunOptions = Omit<RunRequest, "repository"> & { readonly env?: string; readonly json?: true };

/** `codex-fleet run OWNER/REPO`: starts a run; with --follow the exit code is 0 when the run succeeded, else 1. */
export function runCommand(): Command {
  const command = new Command("run")
    .description("start a run on a repository: its next open Spec Kit task, done and published")
    .argument("<repository>", "OWNER/REPO")
    .option("--env <env>", "name of an environment")
    .option("--feature <key>", "feature to take the task from; without it the first with an open task")
    .addOption(new Option("--agent <agent>", "who does the task").choices(AGENTS).default("codex"))
    .option("--skill <stage=id>", `skill of a stage (${STAGES.join(", ")}); may be repeated`, collectSkill, {})
    .option("--notes <text>", "additional notes for the agent")
    .option("--follow", "show stage by stage until the run has ended; exit code 1 when it failed")
    .option("--json", "events instead of lines, one JSON object each")
    .action((repository: string, options: RunOptions) =>
      narrate({ json: options.json }, async () => {
        const { chooseEnvironment } = await import("../project/choose-environment");
        const { startRun } = await import("../run/start-run");
        const environment = await chooseEnvironment(options.env, `run ${repository} --env`);
        process.exitCode = await startRun(environment, { ...options, repository });
      }),
    );
  return withExamples(command, [
    ["run acme/shop --env dev --follow", "the next open task of the repository, watched to its pull request"],
    ["run acme/shop --env dev --feature 002-cart --agent gemini", "a task of this feature, done by Gemini"],
    ["run acme/shop --env dev --skill submit=speckit", "with this skill for one stage"],
    ["{} run acme/shop --env dev --json | jq -r 'select(.event == \"run\").id'", "its id, for a script"],
  ]);
}

/** One `--skill stage=id`, added to those before it. */
export function collectSkill(text: string, before: SkillOverrides): SkillOverrides {
  const [, named, skill] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const stage = STAGES.find((each) => each === named);
  if (stage === undefined || skill === undefined)
    throw new InvalidArgumentError(`write stage=id with one of ${STAGES.join(", ")}, for example submit=speckit`);
  return { ...before, [stage]: skill };
}
