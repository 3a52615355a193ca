import { CliExitCode } from "../console/exit-code";
import { OperatorError } from "../console/operator-error";
import { output } from "../console/output";
import { confirm } from "../console/question";
import { runningFleet } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";
import { bringUpDocker } from "./bring-up-docker";
import { bringUpLocal } from "./bring-up-local";
import { fallBack } from "./engine-choice";
import type { Engine } from "./engine-choice";
import { SCRIPTED_NOTICE } from "./next-steps";

export interface UpOptions {
  readonly engine?: Engine;
  readonly run?: true;
  readonly yes?: true;
}

/**
 * Brings an environment up on the requested engine, else on one that works here; in a demonstration it also follows a run
 * to its pull request.
 *
 * @throws OperatorError when it fails; what was created stays, and the same command goes on from there.
 */
export async function bringUp(environment: FleetEnvironment, options: UpOptions): Promise<void> {
  const { name } = environment;
  const { scripted_services: scripted } = environment.settings.demo;
  if (scripted) output().line(SCRIPTED_NOTICE);

  const consent = () => confirm(`deploy ${name}?`, options.yes === true || scripted);
  const run = options.run === true;
  const local = () => bringUpLocal(environment, { run, consent });
  if (await isLocal(environment, options.engine)) return local();
  try {
    const alternative = scripted && options.engine === undefined && process.platform === "linux";
    await bringUpDocker(environment, { yes: options.yes === true, run, consent, alternative });
  } catch (error) {
    if (options.engine === "docker") throw error;
    output().line(`\n${fallBack(error, name, scripted, process.platform)}`);
    await local();
  }
}

/** An environment that is up on the local engine stays there. */
async function isLocal(environment: FleetEnvironment, asked: Engine | undefined): Promise<boolean> {
  if (asked === "local") return true;
  if ((await runningFleet(environment)) === undefined) return false;
  if (asked === "docker") {
    throw new OperatorError(`${environment.name} is up on the local engine: take it down there first (down finds it)`, CliExitCode.FAILED);
  }
  return true;
}
