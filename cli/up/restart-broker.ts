import { ServiceName } from "../../constructs/resource-names";
import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";
import type { FleetEnvironment } from "../project/fleet-environment";
import type { SecretWrite } from "../secrets/secret-plan";

/**
 * A broker reads its definitions when it starts: one that runs is restarted when they have changed, before anything is
 * deployed that needs the new queues or passwords.
 */
export async function restartBroker({ name }: FleetEnvironment, writes: readonly SecretWrite[]): Promise<void> {
  if (!writes.some(({ consumer }) => consumer === "rabbitmq")) return;
  const broker = (await listContainers(name)).find(({ service, state }) => service === ServiceName.broker && state === "running");
  if (broker === undefined) return;
  console.log(`restarting ${broker.name}: it reads its definitions when it starts`);
  await docker(["restart", broker.id]);
}
