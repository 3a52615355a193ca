import { Construct } from "constructs";
import { ImageLayout, parseDuration, stageDurations, StateFile } from "../runtime/contract";
import type { Agent } from "../runtime/contract";
import type { IAuthVolume } from "./auth-volume";
import type { IBroker } from "./broker";
import type { IContainerImage } from "./container-image";
import type { IDatabase } from "./database";
import { Duration } from "./duration";
import type { EnvironmentSettings } from "./environment-schema";
import { containerVariables, startPeriod, variableText } from "./environment-variables";
import { HealthCheck } from "./health-check";
import { parseMemory } from "./memory";
import { ServiceName } from "./resource-names";
import type { ResourceNames } from "./resource-names";
import { secretsMount } from "./secret";
import { Service } from "./service";
import { Replacement } from "./service-props";
import { trustingStart } from "./way-out";

export interface WorkerProps {
  readonly names: ResourceNames;
  readonly settings: EnvironmentSettings;
  /** The agent, which also decides the queues that the workers consume. */
  readonly agent: Agent;
  /** Target `worker` of the worker image. */
  readonly image: IContainerImage;
  /** Where Codex keeps its login. @default - no login volume is mounted */
  readonly authVolume?: IAuthVolume;
}

/**
 * A group of workers for one agent, one container per replica. A replica that is being replaced finishes its running job,
 * for as long as a stage may take, while its successor already works.
 */
export class Worker extends Construct {
  readonly replicas: readonly Service[];

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    const count = props.settings.workers[props.agent].replicas;
    const shared = replicaProps(props);
    this.replicas = Array.from(
      { length: count },
      (_, index) => new Service(this, `Replica${index + 1}`, { ...shared, replica: index + 1 }),
    );
  }

  /** Makes the workers consume from this broker. */
  consumeFrom(broker: IBroker): void {
    for (const replica of this.replicas) replica.addVariables(broker.variablesFor("worker") as Record<string, string>);
  }

  /** Makes the workers store runs and tasks in this database. */
  recordIn(database: IDatabase): void {
    for (const replica of this.replicas) replica.addVariables(database.variables as Record<string, string>);
  }
}

const SERVICE = { codex: ServiceName.codexWorker, gemini: ServiceName.geminiWorker } as const;
const SECRETS = { codex: "codex-worker", gemini: "gemini-worker" } as const;

/** The worker touches its heartbeat file every 2 s. */
const HEARTBEAT_AGE = Duration.seconds(10);

function replicaProps({ names, settings, agent, image, authVolume }: WorkerProps) {
  const limits = settings.workers[agent];
  const state = variableText(settings, "FLEET_STATE_DIRECTORY");
  const start = trustingStart(settings.network, ["node", `${ImageLayout.runtime}/worker.js`]);
  const durations = stageDurations(parseDuration(settings.stages.timeout));
  return {
    environment: names.environment,
    service: SERVICE[agent],
    image,
    command: start.command,
    uid: ImageLayout.uid,
    variables: {
      ...containerVariables(settings, agent, {
        FLEET_ENVIRONMENT: names.environment,
        FLEET_ENGINE: "docker",
        FLEET_WORKER: agent,
        FLEET_IMAGE: image.reference,
      }),
      // `codex login` in the container must write to the directory in which the worker looks for the login.
      ...(agent === "codex" ? { CODEX_HOME: settings.codex.volume_path } : {}),
      ...start.variables,
    },
    networks: [names.networks.backplane, names.networks.egress],
    mounts: [
      { volume: names.volumes.workspaces, path: ImageLayout.workspaces },
      ...(authVolume === undefined ? [] : [{ volume: authVolume.volumeName, path: settings.codex.volume_path }]),
      secretsMount(names, SECRETS[agent]),
    ],
    tmpfs: [
      { path: "/tmp", size: 512, executable: true },
      { path: ImageLayout.home, size: 512, executable: true },
      { path: state, size: 16 },
      ...start.tmpfs,
    ],
    healthCheck: HealthCheck.heartbeat(`${state}/${StateFile.heartbeat}`, HEARTBEAT_AGE, { startPeriod: startPeriod(settings) }),
    memory: parseMemory(limits.memory),
    cpus: limits.cpus,
    stopGracePeriod: Duration.milliseconds(durations.grace),
    removeTimeout: Duration.milliseconds(durations.remove),
    replacement: Replacement.CREATE_FIRST,
    secretRevision: settings.secrets.revision,
  };
}
