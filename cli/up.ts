import { Command } from "commander";
import { confirm } from "./confirm";
import { runDeployment } from "./deployment/deployment";
import { isHealthy, listContainers } from "./engine/fleet-containers";
import { loadEnvironment } from "./fleet-environment";
import type { FleetEnvironment } from "./fleet-environment";
import { OperatorError } from "./operator-error";
import { connectApi } from "./run/connect-api";
import { followRun } from "./run/follow-run";
import { runExitCode, runResult } from "./run/run-progress";
import { initialiseSecrets } from "./secrets/initialise-secrets";
import { DEMO_REPOSITORY, nextSteps, SCRIPTED_NOTICE } from "./up/next-steps";
import { prepareMachine } from "./up/prepare-machine";

interface UpOptions {
  readonly run?: true;
  readonly yes?: true;
}

/** `codex-fleet up [ENV]`: checks, secrets, deployment, and in a demonstration one run followed to its pull request. */
export function upCommand(): Command {
  return new Command("up")
    .description("bring a fleet up: prerequisites, secrets, deployment with progress; in demo also a first run")
    .argument("[env]", "name of an environment", "demo")
    .option("--run", "start a run also when one has succeeded already (demonstration only)")
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: UpOptions) => {
      const started = Date.now();
      const asWritten = loadEnvironment(name);
      const { scripted_services: scripted } = asWritten.settings.demo;
      if (scripted) console.log(`${SCRIPTED_NOTICE}\n`);

      console.log("Prerequisites");
      const machine = await prepareMachine(asWritten, () => askFor(asWritten, options));
      const environment = loadEnvironment(name);

      console.log("\nSecrets");
      const made = await initialiseSecrets(environment);
      for (const line of made.length === 0 ? ["nothing to do: every secret is there"] : made) console.log(line);

      console.log("\nDeployment");
      await runDeployment(environment, {
        command: "deploy",
        stacks: [environment.names.dataStack, environment.names.fleetStack],
        skipProviderLock: machine.skipProviderLock,
      });
      const services = await requireHealthy(environment);
      console.log(`${name} is up: ${services} containers healthy (${((Date.now() - started) / 1000).toFixed(0)} s)`);

      if (scripted) await demonstrate(environment, options.run === true);
      console.log("");
      for (const line of nextSteps(environment)) console.log(line);
    });
}

function askFor({ name, settings }: FleetEnvironment, options: UpOptions): Promise<void> {
  return confirm(`deploy ${name}?`, options.yes === true || settings.demo.scripted_services);
}

/** A deployment that had nothing to change says nothing about containers that are ill. */
async function requireHealthy({ name }: FleetEnvironment): Promise<number> {
  const containers = await listContainers(name);
  const ill = containers.filter((container) => !isHealthy(container));
  if (ill.length === 0) return containers.length;
  const lines = ill.map(({ name: container, status }) => `  ${container}: ${status}; docker logs --tail 30 ${container}`);
  throw new OperatorError(`not every container of ${name} is healthy:\n${lines.join("\n")}`, 1);
}

async function demonstrate(environment: FleetEnvironment, again: boolean): Promise<void> {
  const client = await connectApi(environment);
  const before = await client.newestRun("succeeded");
  console.log("\nFirst run");
  if (before !== undefined && !again) {
    console.log(`a run has succeeded already: ${before.prUrl ?? before.id}; --run starts another`);
    return;
  }
  const run = await client.createRun({ repository: DEMO_REPOSITORY });
  console.log(`run ${run.id} of ${run.repository}`);
  const ended = await followRun(client, run, console.log);
  for (const line of runResult(ended)) console.log(line);
  console.log(SCRIPTED_NOTICE);
  process.exitCode = runExitCode(ended);
}
