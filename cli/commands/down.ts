import { Command } from "commander";
import { SECRET_CONSUMERS } from "../../runtime/contract";
import { confirm } from "../console/confirm";
import { COMMAND_NAME } from "../console/command-name";
import { Deployment } from "../terraform/deployment";
import { carryOutRepairs, findRepairs } from "../terraform/repair";
import { awaitRunningDeployment } from "../terraform/running-deployment";
import { listContainers } from "../docker/fleet-containers";
import { meantFleet } from "../local/local-fleet";
import { loadEnvironment } from "../project/fleet-environment";
import type { FleetEnvironment } from "../project/fleet-environment";
import { synthesize } from "../terraform/synthesis";

/** `codex-fleet down [ENV]`: destroys the fleet's stack; volumes, logins and databases stay. */
export function downCommand(): Command {
  return new Command("down")
    .description("take a fleet down; its data stays")
    .argument("[env]", "name of an environment", "demo")
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: { yes?: true }) => {
      const environment = loadEnvironment(name);
      const local = await meantFleet(environment);
      if (local !== undefined) {
        const services = local.runningServices().length;
        const question = `take down ${name}: ${services} services of the local engine; workers first finish what they run.`;
        await confirm(question, services === 0 || options.yes === true || environment.settings.demo.scripted_services);
        return (await local.takeDown()).forEach((line) => console.log(line));
      }
      const containers = await listContainers(name);
      const running = containers.filter(({ state }) => state === "running").length;
      await confirm(
        `take down ${name}: ${running} running containers; workers first finish what they run.`,
        options.yes === true || environment.settings.demo.scripted_services,
      );
      await awaitRunningDeployment(environment, console.log);
      await carryOutRepairs(await findRepairs(environment), console.log);
      const deployment = new Deployment(environment, await synthesize(environment), "destroy");
      await deployment.destroy().finally(() => deployment.close());
      for (const line of keptLines(environment)) console.log(line);
    });
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
