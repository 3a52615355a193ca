import { Command, InvalidArgumentError, Option } from "commander";
import { AGENTS, Stage, STAGES } from "../../runtime/contract";
import type { Agent, SkillOverrides } from "../../runtime/contract";
import { loadEnvironment } from "../project/fleet-environment";
import { connectApi } from "../run/connect-api";
import { followRun } from "../run/follow-run";
import { runExitCode, runResult } from "../run/run-progress";

interface RunOptions {
  readonly env: string;
  readonly feature?: string;
  readonly agent: Agent;
  readonly skill: SkillOverrides;
  readonly notes?: string;
  readonly follow?: true;
}

/** `codex-fleet run OWNER/REPO`: starts a run; with --follow exit code 0 when it came to a good end, 1 when not. */
export function runCommand(): Command {
  return new Command("run")
    .description("start a run on a repository: its next open Spec Kit task, done and published")
    .argument("<repository>", "OWNER/REPO")
    .option("--env <name>", "environment", "demo")
    .option("--feature <key>", "feature to take the task from; without it the first with an open task")
    .addOption(new Option("--agent <agent>", "who does the task").choices(AGENTS).default("codex"))
    .option("--skill <stage=id>", `skill of a stage (${STAGES.join(", ")}); may be repeated`, collectSkill, {})
    .option("--notes <text>", "what the agent should know besides")
    .option("--follow", "show stage by stage until the run has ended")
    .action(async (repository: string, options: RunOptions) => {
      const client = await connectApi(loadEnvironment(options.env));
      const run = await client.createRun({
        repository,
        agent: options.agent,
        skillOverrides: options.skill,
        ...(options.feature === undefined ? {} : { featureKey: options.feature }),
        ...(options.notes === undefined ? {} : { notes: options.notes }),
      });
      console.log(`run ${run.id} of ${run.repository}`);
      if (options.follow === undefined) return;
      const ended = await followRun(client, run, console.log);
      for (const line of runResult(ended)) console.log(line);
      process.exitCode = runExitCode(ended);
    });
}

/** One `--skill stage=id`, added to those before it. */
export function collectSkill(text: string, before: SkillOverrides): SkillOverrides {
  const [, stage, skill] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const known = Stage.safeParse(stage);
  if (!known.success || skill === undefined)
    throw new InvalidArgumentError(`write stage=id with one of ${STAGES.join(", ")}, for example submit=speckit`);
  return { ...before, [known.data]: skill };
}
