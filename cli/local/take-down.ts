import { COMMAND_NAME } from "../console/command-name";
import type { FleetEnvironment } from "../project/fleet-environment";
import { enterAccount } from "./account";
import type { LocalInstance } from "./instance";
import { withInstanceLock } from "./instance-lock";
import { runningServices } from "./running-services";
import { stopServices } from "./start-services";

/** Stops every process of an instance: workers finish what they run; data stays. */
export async function takeDownLocal({ settings }: Pick<FleetEnvironment, "settings">, instance: LocalInstance): Promise<void> {
  enterAccount(instance.account);
  await withInstanceLock(instance, () => stopServices(instance, runningServices(instance), settings.stages.timeout));
  for (const line of localKeptLines(instance)) console.log(line);
}

/** What stays, and how to get rid of it. */
export function localKeptLines({ environment, root }: Pick<LocalInstance, "environment" | "root">): string[] {
  return [
    `${environment} is down. Kept: everything below ${root}, with database, messages, work trees, login and secrets.`,
    `up again: ${COMMAND_NAME} up ${environment} --engine local`,
    `delete for good: rm -r ${root}`,
  ];
}
