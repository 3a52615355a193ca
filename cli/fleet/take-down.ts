import { SECRET_CONSUMERS } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { output } from "../console/output";
import { confirm } from "../console/question";
import { listContainers } from "../docker/fleet-containers";
import { meantFleet } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";
import { Deployment } from "../terraform/deployment";
import { carryOutRepairs, findRepairs } from "../terraform/repair";
import { awaitRunningDeployment } from "../terraform/running-deployment";
import { synthesize } from "../terraform/synthesis";
import { planPurge } from "./purge";
import type { Purge } from "./purge";

export interface TakeDownOptions {
  /** Whether to skip the question. */
  readonly yes: boolean;
  /** Whether to delete the environment's data on the local engine too, and the programs unpacked for it. */
  readonly purge: boolean;
}

/**
 * Destroys the fleet's stack, or stops its processes. Volumes, logins and databases stay; `purge` deletes those of the local
 * engine.
 *
 * @throws OperatorError when the answer is no, or Terraform fails.
 */
export async function takeDown(environment: FleetEnvironment, { yes, purge }: TakeDownOptions): Promise<void> {
  const { name, settings } = environment;
  const agreed = yes || settings.demo.scripted_services;
  // There may be unpacked programs to purge even if nothing was ever up.
  const local = await meantFleet(environment, purge);
  const purged = purge ? await planPurge(environment) : undefined;
  if (local !== undefined) {
    const services = local.runningServices().length;
    const nothing = services === 0 && (purged?.deleted ?? []).length === 0;
    await confirm(question(name, `${services} services of the local engine`, purged), agreed || nothing);
    purged?.begin();
    const kept = await local.takeDown();
    if (purged === undefined) return kept.forEach(say);
    await purged.finish(say);
    return;
  }
  const running = (await listContainers(name)).filter(({ state }) => state === "running").length;
  await confirm(question(name, `${running} running containers`, purged), agreed);
  purged?.begin();
  await awaitRunningDeployment(environment, say);
  await carryOutRepairs(await findRepairs(environment), say);
  const deployment = new Deployment(environment, await synthesize(environment), "destroy");
  await deployment.destroy().finally(() => deployment.close());
  keptLines(environment).forEach(say);
  if (purged === undefined) return;
  say("Docker's volumes are kept; the environment's data on the local engine is purged");
  await purged.finish(say);
}

function say(line: string): void {
  output().line(line);
}

function question(name: string, what: string, purged: Purge | undefined): string {
  const then = purged === undefined || purged.deleted.length === 0 ? "" : ` Then this is deleted for good: ${purged.deleted.join(", ")}.`;
  return `take down ${name}: ${what}; workers first finish what they run.${then}`;
}

/** Lines about what stays, and how to delete it. */
export function keptLines({ name, names, settings }: FleetEnvironment): string[] {
  const secrets = SECRET_CONSUMERS.map((consumer) => names.secrets(consumer));
  const volumes = [settings.codex.volume_name, ...Object.values(names.volumes), ...secrets];
  return [
    `${name} is down. Kept: the stack ${names.dataStack} with its networks and these volumes:`,
    ...volumes.map((volume) => `  ${volume}`),
    `up again: ${COMMAND_NAME} up ${name}`,
    settings.data.protect
      ? `delete for good: set [data] protect = false, then npx cdktf deploy ${names.dataStack} && npx cdktf destroy ${names.dataStack} --ignore-missing-stack-dependencies`
      : `delete for good: npx cdktf destroy ${names.dataStack} --ignore-missing-stack-dependencies`,
  ];
}
