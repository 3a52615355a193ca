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

/**
 * Destroys the fleet's stack, or stops its processes; volumes, logins and databases stay.
 *
 * @param yes Whether nobody has to be asked.
 * @throws OperatorError when the answer is no, or Terraform does not come to its end.
 */
export async function takeDown(environment: FleetEnvironment, yes: boolean): Promise<void> {
  const { name, settings } = environment;
  const agreed = yes || settings.demo.scripted_services;
  const say = (line: string) => output().line(line);
  const local = await meantFleet(environment);
  if (local !== undefined) {
    const services = local.runningServices().length;
    await confirm(question(name, `${services} services of the local engine`), agreed || services === 0);
    return (await local.takeDown()).forEach(say);
  }
  const running = (await listContainers(name)).filter(({ state }) => state === "running").length;
  await confirm(question(name, `${running} running containers`), agreed);
  await awaitRunningDeployment(environment, say);
  await carryOutRepairs(await findRepairs(environment), say);
  const deployment = new Deployment(environment, await synthesize(environment), "destroy");
  await deployment.destroy().finally(() => deployment.close());
  keptLines(environment).forEach(say);
}

function question(name: string, what: string): string {
  return `take down ${name}: ${what}; workers first finish what they run.`;
}

/** What stays, and how to get rid of it. */
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
