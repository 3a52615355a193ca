import { Command } from "commander";
import { OperatorError } from "../console/operator-error";
import { runningFleet } from "../local/local-fleet";
import { loadEnvironment } from "../project/fleet-environment";
import { hasChanges } from "../report/fleet-changes";
import { summaryLines } from "../report/plan-summary";
import { awaitRunningDeployment } from "../terraform/running-deployment";
import { planChanges } from "../up/proposal";

/** Exit code of a plan that would change something, as `terraform plan -detailed-exitcode` has it. */
const CHANGES = 2;

/** `codex-fleet plan ENV`: what `up` would change, against what runs; exit code 2 when there is anything. */
export function planCommand(): Command {
  return new Command("plan")
    .description("show in ten lines what up would change, and change nothing; exit code 2 when there is anything to change")
    .argument("[env]", "name of an environment", "demo")
    .option("--json", "print the same as one JSON object")
    .action(async (name: string, options: { json?: true }) => {
      const environment = loadEnvironment(name);
      if ((await runningFleet(environment)) !== undefined)
        throw new OperatorError(`${name} is up on the local engine, which has no plan: take it down first to plan it for Docker`, 1);
      await awaitRunningDeployment(environment, console.error);
      const { changes, deployment, warnings } = await planChanges(environment, { command: "plan" });
      deployment.close();
      for (const warning of warnings) console.error(warning);
      if (options.json) console.log(JSON.stringify({ environment: name, changes: hasChanges(changes), ...changes }, null, 2));
      else for (const line of summaryLines(name, changes)) console.log(line);
      if (hasChanges(changes)) process.exitCode = CHANGES;
    });
}
