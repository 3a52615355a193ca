import { Command } from "commander";
import { read } from "read";
import { SECRET_CONSUMERS, SECRET_OWNERS, secretVolumeName } from "../runtime/contract";
import { COMMAND_NAME } from "./command-name";
import { readSecretFiles, writeSecretFiles } from "./engine/secret-volumes";
import type { SecretFile } from "./engine/secret-volumes";
import { listContainers } from "./engine/fleet-containers";
import { loadEnvironment } from "./fleet-environment";
import type { FleetEnvironment } from "./fleet-environment";
import { initialiseSecrets, ownServices, secretLines } from "./secrets/initialise-secrets";
import { consumersOf, secretValue } from "./secrets/operator-secret";

/** `codex-fleet secrets init|set|list ENV`: secrets live in Docker volumes, one per consumer. */
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
      loadEnvironment(name);
      console.log(listing(name, await readSecretFiles(name, SECRET_CONSUMERS)));
    });
  return command;
}

/** Containers read their secrets when they start. */
function revisionHint({ name, settings }: FleetEnvironment): string {
  return `${name} is up and reads secrets at start: set [secrets] revision = ${settings.secrets.revision + 1} in environments/${name}.toml, then ${COMMAND_NAME} up ${name}`;
}

/** A table of what is stored. A file that its reader cannot read, or somebody else can, is marked. */
export function listing(environment: string, files: readonly SecretFile[]): string {
  if (files.length === 0) return `${environment} has no secrets: codex-fleet secrets init ${environment}`;
  const rows = [...files]
    .sort((a, b) => SECRET_CONSUMERS.indexOf(a.consumer) - SECRET_CONSUMERS.indexOf(b.consumer) || a.name.localeCompare(b.name))
    .map((file) => {
      const wrong = file.uid !== SECRET_OWNERS[file.consumer].uid || file.mode !== 0o400;
      const owner = `${file.uid}:${file.mode.toString(8).padStart(4, "0")}${wrong ? " (wrong: store it again)" : ""}`;
      return [file.name, file.consumer, `${file.content.length} bytes`, file.modified.toISOString().replace(/\.\d+Z$/, "Z"), owner];
    });
  const table = [["NAME", "READER", "SIZE", "CHANGED", "OWNER:MODE"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function readValue(name: string): Promise<string> {
  if (process.stdin.isTTY) return read({ prompt: `${name}: `, silent: true, output: process.stderr });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
