import path from "node:path";
import { Command } from "commander";
import { read } from "read";
import { SECRET_CONSUMERS, secretVolumeName } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { readSecretFiles, writeSecretFiles } from "../docker/secret-volumes";
import { listContainers } from "../docker/fleet-containers";
import { meantFleet } from "../local/local-fleet";
import { loadEnvironment } from "../project/fleet-environment";
import type { FleetEnvironment } from "../project/fleet-environment";
import { initialiseSecrets, ownServices, secretLines } from "../secrets/initialise-secrets";
import { consumersOf, secretValue } from "../secrets/operator-secret";
import { rotateSecrets } from "../secrets/rotate-secrets";
import { listing } from "../secrets/secret-listing";
import { planChanges } from "../up/proposal";
import { requireHealthy } from "../up/require-healthy";

/** `codex-fleet secrets init|set|rotate|list ENV`: secrets live in Docker volumes, one per consumer. */
export function secretsCommand(): Command {
  const command = new Command("secrets").description("secrets of an environment, kept in Docker volumes");
  command
    .command("init")
    .description("make what the fleet makes itself and is missing: passwords, API token, the broker's definitions")
    .argument("<env>", "name of an environment")
    .action(async (name: string) => {
      const environment = loadEnvironment(name);
      for (const line of secretLines(environment, await initialiseSecrets(environment))) console.log(line);
    });
  command
    .command("set")
    .description("store a secret of yours, read from standard input or typed at a hidden prompt")
    .argument("<env>", "name of an environment")
    .argument("<name>", "for example github_token")
    .action(async (name: string, secret: string) => {
      const environment = loadEnvironment(name);
      const consumers = consumersOf(secret, ownServices(environment));
      const file = secret.toLowerCase();
      const content = secretValue(file, await readValue(file));
      const local = await meantFleet(environment);
      if (local !== undefined) return local.setSecret(consumers, file, content).forEach((line) => console.log(line));
      await writeSecretFiles(
        name,
        consumers.map((consumer) => ({ consumer, name: file, content })),
      );
      for (const consumer of consumers) console.log(`stored    ${secretVolumeName(name, consumer)}: ${file}`);
      if ((await listContainers(name)).length > 0) console.log(revisionHint(environment));
    });
  command
    .command("list")
    .description("names, readers, sizes and times; never values")
    .argument("<env>", "name of an environment")
    .action(async (name: string) => {
      const local = await meantFleet(loadEnvironment(name));
      if (local !== undefined) return console.log(local.secretTable());
      console.log(listing(name, await readSecretFiles(name, SECRET_CONSUMERS)));
    });
  command
    .command("rotate")
    .description("give secrets of the fleet's own new values, and raise the revision that replaces their readers")
    .argument("<env>", "name of an environment")
    .argument("[names...]", "postgres_password, rabbitmq_password, fleet_api_token; all when none is named")
    .option("--deploy", "replace the readers at once")
    .action(async (name: string, names: string[], options: { deploy?: true }) => {
      const environment = loadEnvironment(name);
      const { writes, revision, file } = await rotateSecrets(environment, names);
      for (const line of secretLines(environment, writes)) console.log(line);
      console.log(`raised    ${path.relative(process.cwd(), file)}: [secrets] revision = ${revision}`);
      if (options.deploy) await replaceReaders(loadEnvironment(name));
      else console.log(`the readers are replaced by: ${COMMAND_NAME} up ${name}`);
    });
  return command;
}

async function replaceReaders(environment: FleetEnvironment): Promise<void> {
  const { deployment, plan } = await planChanges(environment, { command: "deploy" });
  await deployment.apply(plan).finally(() => deployment.close());
  await requireHealthy(environment);
}

/** Containers read their secrets when they start. */
function revisionHint({ name, settings }: FleetEnvironment): string {
  return `${name} is up and reads secrets at start: set [secrets] revision = ${settings.secrets.revision + 1} in environments/${name}.toml, then ${COMMAND_NAME} up ${name}`;
}

async function readValue(name: string): Promise<string> {
  if (process.stdin.isTTY) return read({ prompt: `${name}: `, silent: true, output: process.stderr });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
