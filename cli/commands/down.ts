import { Command } from "commander";
import { withExamples } from "../console/examples";
import { narrate } from "../console/output";

/** `codex-fleet down [env]`: takes the fleet down; volumes, logins and databases stay. */
export function downCommand(): Command {
  const command = new Command("down")
    .description("take a fleet down; its data stays")
    .argument("[env]", "name of an environment")
    .option("--purge", "also delete its data on the local engine, and unpacked programs that nothing else needs")
    .option("-y, --yes", "do not ask")
    .option("--json", "events instead of lines, one JSON object each")
    .action((name: string | undefined, options: { readonly yes?: true; readonly purge?: true; readonly json?: true }) =>
      narrate({ json: options.json, completes: true }, async () => {
        const { chooseEnvironment } = await import("../project/choose-environment");
        const { takeDown } = await import("../fleet/take-down");
        const { yes = false, purge = false } = options;
        await takeDown(await chooseEnvironment(name, "down"), { yes, purge });
      }),
    );
  return withExamples(command, [
    ["down", "the only environment there is, or demo"],
    ["down dev -y", "without a question, for a script"],
    ["down demo --purge", "take down a demonstration on the local engine and delete all its data"],
  ]);
}
