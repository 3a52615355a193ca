import { Construct } from "constructs";
import { ImageLayout } from "../runtime/contract";
import type { IBroker } from "./broker";
import type { IContainerImage } from "./container-image";
import type { IDatabase } from "./database";
import { Duration } from "./duration";
import type { EnvironmentSettings } from "./environment-schema";
import { containerVariables, startPeriod } from "./environment-variables";
import { HealthCheck } from "./health-check";
import { parseMemory } from "./memory";
import { ServiceName } from "./resource-names";
import type { ResourceNames } from "./resource-names";
import { secretsMount } from "./secret";
import { Service } from "./service";
import { trustingStart } from "./way-out";

export interface ApiProps {
  readonly names: ResourceNames;
  readonly settings: EnvironmentSettings;
  /** Target `runtime` of the worker image. */
  readonly image: IContainerImage;
  readonly broker: IBroker;
  readonly database: IDatabase;
}

/** One container, without an agent, that runs the API, the outbox sweep, the lease reaper and the dead-letter reader. */
export class Api extends Construct {
  readonly service: Service;
  /** Address of the API as the host sees it. */
  readonly url: string;

  constructor(scope: Construct, id: string, { names, settings, image, broker, database }: ApiProps) {
    super(scope, id);
    const start = trustingStart(settings.network, ["node", `${ImageLayout.runtime}/api.js`]);
    this.url = `http://${settings.api.listen}`;
    this.service = new Service(this, "Service", {
      environment: names.environment,
      service: ServiceName.api,
      image,
      command: start.command,
      uid: ImageLayout.uid,
      variables: {
        ...containerVariables(settings, "api", {
          ...broker.variablesFor("api"),
          ...database.variables,
          FLEET_ENVIRONMENT: names.environment,
          FLEET_API_LISTEN: `0.0.0.0:${PORT}`,
        }),
        ...start.variables,
      },
      networks: [names.networks.backplane, names.networks.edge, ...(reachesOut(settings) ? [names.networks.egress] : [])],
      mounts: [{ volume: names.volumes.workspaces, path: ImageLayout.workspaces, readOnly: true }, secretsMount(names, "api")],
      tmpfs: [{ path: "/tmp", size: 64 }, ...start.tmpfs],
      ports: [{ container: PORT, host: settings.api.listen }],
      healthCheck: HealthCheck.http(PORT, "/healthz", { startPeriod: startPeriod(settings) }),
      memory: parseMemory(settings.api.memory),
      cpus: settings.api.cpus,
      stopGracePeriod: Duration.seconds(15),
      secretRevision: settings.secrets.revision,
    });
  }
}

const PORT = 8_080;

/** An existing broker or database is outside the backplane: then the API needs the egress network too. */
function reachesOut({ broker, database }: EnvironmentSettings): boolean {
  return broker.url !== undefined || database.host !== undefined;
}
