import { Command, Option } from "commander";
import { withExamples } from "../console/examples";
import { narrate } from "../console/output";
import type { UpOptions } from "../up/bring-up";
import { ENGINES } from "../up/engine-choice";

/** `codex-fleet up [env]`: checks, plan, secrets, deployment, and in a demonstration one run followed to its pull request. */
export function upCommand(): Command {
  const command = new Command("up")
    .description("bring a fleet up: prerequisites, plan, secrets, deployment with progress; in a demonstration also a first run")
    .argument("[env]", "name of an environment")
    .option("--run", "start a run also when one has succeeded already (demonstration only)")
    .addOption(new Option("--engine <engine>", "docker, or local: processes of this machine, for development").choices(ENGINES))
    .option("-y, --yes", "do not ask")
    .option("--json", "events instead of lines, one JSON object each")
    .action((name: string | undefined, options: UpOptions & { readonly json?: true }) =>
      narrate({ json: options.json, completes: true }, async () => {
        const { chooseEnvironment } = await import("../project/choose-environment");
        const { bringUp } = await import("../up/bring-up");
        await bringUp(await chooseEnvironment(name, "up"), options);
      }),
    );
  return withExamples(command, [
    ["up", "the only environment there is, or demo"],
    ["up prod -y", "without a question, for a script"],
    ["up dev --engine local", "without Docker, as processes of this machine"],
    ["up prod -y --json", "for a program that reads what happens"],
  ]);
}
