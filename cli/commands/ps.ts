import { Command } from "commander";
import { withExamples } from "../console/examples";

/** `codex-fleet ps [env]`: the services of an environment and what its workers do. */
export function psCommand(): Command {
  const command = new Command("ps")
    .description("services of an environment, their health, and whether workers take work; exit code 3 when a service is not healthy")
    .argument("[env]", "name of an environment")
    .option("--json", "an array with one object per service")
    .action(async (name: string | undefined, { json }: { readonly json?: true }) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { showStatus } = await import("../fleet/show-status");
      process.exitCode = await showStatus(await chooseEnvironment(name, "ps"), json === true);
    });
  return withExamples(command, [
    ["ps dev", "what runs, since when, and what workers do"],
    ["{} ps dev --json | jq -r '.[] | select(.ok | not) | .service'", "names of services that are not healthy"],
    ["until {} ps dev > /dev/null; do sleep 5; done", "wait until every service is healthy"],
  ]);
}
