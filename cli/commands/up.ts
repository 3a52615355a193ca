import { Command, Option } from "commander";
import { confirm } from "../console/confirm";
import { runDeployment } from "../terraform/deployment";
import { claimEnvironment } from "../terraform/fleet-state";
import { repairFleet } from "../terraform/repair";
import { awaitRunningDeployment } from "../terraform/running-deployment";
import { loadEnvironment } from "../project/fleet-environment";
import type { FleetEnvironment } from "../project/fleet-environment";
import { bringUpLocal } from "../up/bring-up-local";
import { ENGINES, fallBack } from "../up/engine-choice";
import type { Engine } from "../up/engine-choice";
import { runningInstance } from "../local/running-services";
import { OperatorError } from "../console/operator-error";
import { initialiseSecrets, secretLines } from "../secrets/initialise-secrets";
import { demonstrate } from "../up/demonstrate";
import { nextSteps, SCRIPTED_NOTICE } from "../up/next-steps";
import { prepareMachine } from "../up/prepare-machine";
import { requireHealthy } from "../up/require-healthy";
import { requireSecrets } from "../up/require-secrets";
import { restartBroker } from "../up/restart-broker";

interface UpOptions {
  readonly engine?: Engine;
  readonly run?: true;
  readonly yes?: true;
}

/** `codex-fleet up [ENV]`: checks, secrets, deployment, and in a demonstration one run followed to its pull request. */
export function upCommand(): Command {
  return new Command("up")
    .description("bring a fleet up: prerequisites, secrets, deployment with progress; in demo also a first run")
    .argument("[env]", "name of an environment", "demo")
    .option("--run", "start a run also when one has succeeded already (demonstration only)")
    .addOption(new Option("--engine <engine>", "docker, or local: processes of this machine, for development").choices(ENGINES))
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: UpOptions) => {
      const started = Date.now();
      const asWritten = loadEnvironment(name);
      const { scripted_services: scripted } = asWritten.settings.demo;
      if (scripted) console.log(`${SCRIPTED_NOTICE}\n`);

      const consent = () => askFor(asWritten, options);
      const local = () => bringUpLocal(asWritten, { run: options.run === true, consent });
      if (await isLocal(asWritten, options.engine)) return local();

      console.log("Prerequisites");
      const machine = await prepareMachine(asWritten, { yes: options.yes === true, consent }).catch((error: unknown) => {
        if (options.engine === "docker") throw error;
        console.log(`\n${fallBack(error, name, scripted)}`);
        return undefined;
      });
      if (machine === undefined) return local();
      const environment = loadEnvironment(name);

      console.log("\nSecrets");
      const made = await initialiseSecrets(environment);
      for (const line of secretLines(environment, made)) console.log(line);
      await requireSecrets(environment);
      await restartBroker(environment, made);

      console.log("\nDeployment");
      await awaitRunningDeployment(environment, console.log);
      claimEnvironment(environment);
      await repairFleet(environment, console.log);
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

/** An environment that is up on the local engine stays there. */
async function isLocal(environment: FleetEnvironment, asked: Engine | undefined): Promise<boolean> {
  if (asked === "local") return true;
  if ((await runningInstance(environment)) === undefined) return false;
  if (asked === "docker")
    throw new OperatorError(`${environment.name} is up on the local engine: take it down there first (down finds it)`, 1);
  return true;
}

function askFor({ name, settings }: FleetEnvironment, options: UpOptions): Promise<void> {
  return confirm(`deploy ${name}?`, options.yes === true || settings.demo.scripted_services);
}
