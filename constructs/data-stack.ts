import type { Construct } from "constructs";
import { SECRET_CONSUMERS } from "../runtime/contract";
import type { SecretConsumer } from "../runtime/contract";
import { AuthVolume } from "./auth-volume";
import { DockerStack } from "./docker-stack";
import type { Environment } from "./environment";
import { ProtectedVolume } from "./protected-volume";
import { ResourceNames } from "./resource-names";
import { DockerNetwork } from "./tf";

/**
 * What outlives a fleet: the networks, and the volumes with logins, databases, work and secrets. Destroying the fleet's
 * stack does not touch them.
 */
export class DataStack extends DockerStack {
  constructor(scope: Construct, environmentName: string, environment: Environment) {
    const names = new ResourceNames(environmentName);
    const { settings } = environment;
    super(scope, names.dataStack, settings);
    const { protect } = settings.data;
    const imported: Partial<Record<SecretConsumer, boolean>> = {
      rabbitmq: settings.broker.url !== undefined,
      postgres: settings.database.host !== undefined,
    };

    new DockerNetwork(this, "Backplane", { name: names.networks.backplane, internal: true });
    new DockerNetwork(this, "Edge", { name: names.networks.edge });
    new DockerNetwork(this, "Egress", { name: names.networks.egress });

    if (!settings.codex.volume_imported) new AuthVolume(this, "AuthVolume", { volumeName: settings.codex.volume_name, protect });
    new ProtectedVolume(this, "Workspaces", { volumeName: names.volumes.workspaces, protect });
    if (!imported.rabbitmq) new ProtectedVolume(this, "BrokerData", { volumeName: names.volumes.rabbitmq, protect });
    if (!imported.postgres) new ProtectedVolume(this, "DatabaseData", { volumeName: names.volumes.postgres, protect });
    for (const consumer of SECRET_CONSUMERS.filter((each) => imported[each] !== true)) {
      new ProtectedVolume(this, `Secrets-${consumer}`, { volumeName: names.secrets(consumer), protect });
    }
  }
}
