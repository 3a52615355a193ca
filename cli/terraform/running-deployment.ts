import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FleetEnvironment } from "../project/fleet-environment";
import { listProcesses } from "../process/process-list";
import type { ProcessEntry } from "../process/process-list";
import { stackDirectory } from "./synthesis";
import { terraformProgram } from "./terraform";

/** Interval for checking whether a deployment has ended, in milliseconds. */
const INTERVAL = 500;

/**
 * Waits while a deployment of the environment runs in this project: one whose `up` was killed, or another person's. The
 * resources it is creating are not in Terraform's state yet.
 */
export async function awaitRunningDeployment(
  { project, names }: Pick<FleetEnvironment, "project" | "names">,
  say: (line: string) => void,
): Promise<void> {
  const stacks = [names.dataStack, names.fleetStack];
  const directories = stacks.map((stack) => stackDirectory({ project }, stack));
  let said = false;
  for (;;) {
    const running = deploymentProcesses(
      await listProcesses(),
      { root: project.root, stacks, directories },
      path.basename(terraformProgram()),
    );
    if (running.length === 0) return;
    if (!said) say(`a deployment is already running in this project (process ${running.join(", ")}): waiting for its end`);
    said = true;
    await sleep(INTERVAL);
  }
}

/**
 * Processes of Terraform and its providers in a stack's directory, and of the CDK for Terraform command line that deploys
 * the stacks. If the system does not show working directories, every Terraform counts, since it could be ours.
 */
export function deploymentProcesses(
  entries: readonly ProcessEntry[],
  { root, stacks, directories }: DeploymentPlaces,
  terraform: string,
): number[] {
  return entries
    .filter(({ program, directory, args }) => {
      if (directory === undefined || args === undefined) return program === terraform;
      if (directories.includes(directory)) return program.startsWith("terraform") || program === terraform;
      return directory === root && args.some((arg) => path.basename(arg) === "cdktf") && args.some((arg) => stacks.includes(arg));
    })
    .map(({ pid }) => pid);
}

/** The directories in which a deployment of an environment works. */
export interface DeploymentPlaces {
  /** Directory of cdktf.json. */
  readonly root: string;
  /** Names of the environment's stacks, and the directories they are synthesized to. */
  readonly stacks: readonly string[];
  readonly directories: readonly string[];
}
