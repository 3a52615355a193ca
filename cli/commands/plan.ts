import { Command } from "commander";
import { withExamples } from "../console/examples";

/** `codex-fleet plan [env]`: what `up` would change in the running fleet; exit code 2 when there is anything. */
export function planCommand(): Command {
  const command = new Command("plan")
    .description("show in ten lines what up would change, and change nothing; exit code 2 when there is anything to change")
    .argument("[env]", "name of an environment")
    .option("--json", "print the plan as one JSON object")
    .action(async (name: string | undefined, { json }: { readonly json?: true }) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { showPlan } = await import("../up/show-plan");
      process.exitCode = await showPlan(await chooseEnvironment(name, "plan"), json === true);
    });
  return withExamples(command, [
    ["plan prod", "what is replaced, with or without a gap, and how long it may take"],
    ["{} plan prod --json | jq -r .volumes.deleted[]", "volumes that would be deleted with everything in them"],
  ]);
}
