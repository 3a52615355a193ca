import { CliExitCode } from "../console/exit-code";
import { OperatorError } from "../console/operator-error";
import { output } from "../console/output";
import { runningFleet } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";
import { hasChanges } from "../report/fleet-changes";
import { summaryLines } from "../report/plan-summary";
import { awaitRunningDeployment } from "../terraform/running-deployment";
import { planChanges } from "./proposal";

/**
 * Prints what `up` would change, and changes nothing.
 *
 * @returns the exit code: 2 when anything would change, as with `terraform plan -detailed-exitcode`.
 * @throws OperatorError for an environment on the local engine, and with Terraform's errors.
 */
export async function showPlan(environment: FleetEnvironment, json: boolean): Promise<CliExitCode> {
  const { name } = environment;
  if ((await runningFleet(environment)) !== undefined) {
    throw new OperatorError(
      `${name} is up on the local engine, which has no plan: take it down first to plan it for Docker`,
      CliExitCode.FAILED,
    );
  }
  await awaitRunningDeployment(environment, console.error);
  const { changes, deployment, warnings } = await planChanges(environment, { command: "plan" });
  deployment.close();
  for (const warning of warnings) console.error(warning);
  const changed = hasChanges(changes);
  if (json) output().line(JSON.stringify({ environment: name, changes: changed, ...changes }, null, 2));
  else summaryLines(name, changes).forEach((line) => output().line(line));
  return changed ? CliExitCode.CHANGES : CliExitCode.OK;
}
