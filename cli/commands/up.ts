import { Command, Option } from "commander";
import { confirm } from "../console/confirm";
import { OperatorError } from "../console/operator-error";
import { runningFleet } from "../local/local-fleet";
import { loadEnvironment } from "../project/fleet-environment";
import type { FleetEnvironment } from "../project/fleet-environment";
import { bringUpDocker } from "../up/bring-up-docker";
import { bringUpLocal } from "../up/bring-up-local";
import { ENGINES, fallBack } from "../up/engine-choice";
import type { Engine } from "../up/engine-choice";
import { SCRIPTED_NOTICE } from "../up/next-steps";

interface UpOptions {
  readonly engine?: Engine;
  readonly run?: true;
  readonly yes?: true;
}

/** `codex-fleet up [ENV]`: checks, plan, secrets, deployment, and in a demonstration one run followed to its pull request. */
export function upCommand(): Command {
  return new Command("up")
    .description("bring a fleet up: prerequisites, plan, secrets, deployment with progress; in demo also a first run")
    .argument("[env]", "name of an environment", "demo")
    .option("--run", "start a run also when one has succeeded already (demonstration only)")
    .addOption(new Option("--engine <engine>", "docker, or local: processes of this machine, for development").choices(ENGINES))
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: UpOptions) => {
      const environment = loadEnvironment(name);
      const { scripted_services: scripted } = environment.settings.demo;
      if (scripted) console.log(`${SCRIPTED_NOTICE}\n`);

      const consent = () => confirm(`deploy ${name}?`, options.yes === true || scripted);
      const run = options.run === true;
      const local = () => bringUpLocal(environment, { run, consent });
      if (await isLocal(environment, options.engine)) return local();
      try {
        await bringUpDocker(environment, { yes: options.yes === true, run, consent });
      } catch (error) {
        if (options.engine === "docker") throw error;
        console.log(`\n${fallBack(error, name, scripted)}`);
        await local();
      }
    });
}

/** An environment that is up on the local engine stays there. */
async function isLocal(environment: FleetEnvironment, asked: Engine | undefined): Promise<boolean> {
  if (asked === "local") return true;
  if ((await runningFleet(environment)) === undefined) return false;
  if (asked === "docker")
    throw new OperatorError(`${environment.name} is up on the local engine: take it down there first (down finds it)`, 1);
  return true;
}
