import { Command } from "commander";
import { withExamples } from "../console/examples";
import { narrate } from "../console/output";

/** `codex-fleet secrets init|set|list|rotate`: secrets live in Docker volumes, one per consumer. */
export function secretsCommand(): Command {
  return new Command("secrets")
    .description("secrets of an environment, kept in Docker volumes")
    .addCommand(initCommand())
    .addCommand(setCommand())
    .addCommand(listCommand())
    .addCommand(rotateCommand());
}

function initCommand(): Command {
  const command = new Command("init")
    .description("create the missing secrets that the fleet generates: passwords, API token, the broker's definitions")
    .argument("[env]", "name of an environment")
    .action(async (name: string | undefined) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { initialiseSecrets, showSecretWrites } = await import("../secrets/initialise-secrets");
      const environment = await chooseEnvironment(name, "secrets init");
      showSecretWrites(environment.name, await initialiseSecrets(environment));
    });
  return withExamples(command, [["secrets init dev", "before the first deployment; up does it by itself"]]);
}

function setCommand(): Command {
  const command = new Command("set")
    .description("store a secret of yours, read from standard input or typed at a hidden prompt")
    .argument("<env>", "name of an environment")
    .argument("<secret>", "for example github_token")
    .action(async (name: string, secret: string) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { storeSecret } = await import("../fleet/secrets");
      await storeSecret(await chooseEnvironment(name, "secrets set"), secret);
    });
  return withExamples(command, [
    ["secrets set dev github_token", "typed at a hidden prompt"],
    ["{} secrets set dev openai_api_key < key.txt", "from a file, in no history and no list of processes"],
  ]);
}

function listCommand(): Command {
  const command = new Command("list")
    .description("names, readers, sizes and times; never values")
    .argument("[env]", "name of an environment")
    .option("--json", "an array with one object per secret and reader")
    .action(async (name: string | undefined, { json }: { readonly json?: true }) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { showSecrets } = await import("../fleet/secrets");
      await showSecrets(await chooseEnvironment(name, "secrets list"), json === true);
    });
  return withExamples(command, [
    ["secrets list dev", "what is stored, for which reader, since when"],
    ["{} secrets list dev --json | jq -r '.[] | select(.ok | not) | .name'", "files that their reader cannot read"],
  ]);
}

function rotateCommand(): Command {
  const command = new Command("rotate")
    .description("give the fleet's own secrets new values, and raise the revision that makes up replace their readers")
    .argument("<env>", "name of an environment")
    .argument("[own-secret...]", "postgres_password, rabbitmq_password, fleet_api_token; all when none is named")
    .option("--deploy", "replace the readers now")
    .option("--json", "events instead of lines, one JSON object each")
    .action((name: string, secrets: string[], options: { readonly deploy?: true; readonly json?: true }) =>
      narrate({ json: options.json, completes: true }, async () => {
        const { chooseEnvironment } = await import("../project/choose-environment");
        const { rotateFleetSecrets } = await import("../fleet/secrets");
        await rotateFleetSecrets(await chooseEnvironment(name, "secrets rotate"), secrets, options.deploy === true);
      }),
    );
  return withExamples(command, [
    ["secrets rotate dev", "new values for all; the next up replaces their readers"],
    ["secrets rotate dev rabbitmq_password --deploy", "one secret, and replace its readers now"],
  ]);
}
