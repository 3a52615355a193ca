import { Construct } from "constructs";
import { ContainerLabel } from "../runtime/contract";
import { digest } from "./digest";
import { Duration } from "./duration";
import { literal } from "./interpolation";
import { ResourceNames } from "./resource-names";
import { checkService, publishedPort, tmpfsOptions } from "./service-check";
import { Replacement } from "./service-props";
import type { ServiceProps, VolumeMount } from "./service-props";
import { DockerContainer } from "./tf";
import type { DockerContainerConfig } from "./tf";

/**
 * Processes and threads of one user. The kernel counts them per user id of the host, over all containers,
 * so the limit stops a fork bomb and leaves room for many replicas.
 */
const PROCESSES_PER_USER = 4_096;

/**
 * One container that is safe by default and changes when its definition does: not root, no capabilities, read-only
 * root, limits, rotated logs, a health check Terraform waits for, time to stop.
 *
 * The provider neither applies nor replaces for changed health checks, mounts, tmpfs and init; their digest is a
 * label, and a changed label replaces the container.
 */
export class Service extends Construct {
  /** Name of the container; a container that is created first has a time stamp behind it. */
  readonly containerName: string;
  private readonly container: DockerContainer;
  private readonly mounts: VolumeMount[];
  private readonly variables: Map<string, string>;

  /** @throws Error naming the service and the property that is wrong. */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ServiceProps,
  ) {
    super(scope, id);
    checkService(props);
    this.containerName = new ResourceNames(props.environment).container(props.service, props.replica);
    this.mounts = [...(props.mounts ?? [])];
    this.variables = new Map(Object.entries(props.variables ?? {}));
    this.container = new DockerContainer(this, "Resource", this.containerConfig());
    const grace = props.stopGracePeriod ?? DEFAULT_GRACE;
    this.container.addOverride("timeouts", {
      create: props.healthCheck.waitTimeout.plus(Duration.minutes(2)).toString(),
      delete: (props.removeTimeout ?? grace.plus(Duration.minutes(2))).toString(),
    });
  }

  /** Adds environment variables; a name that was set before gets the new value. Never a secret. */
  addVariables(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) this.variables.set(name, value);
    this.container.env = this.environmentList();
  }

  /**
   * Mounts a named volume at an absolute path.
   *
   * @param options.readOnly @default false
   */
  mount(volume: string, path: string, options: Pick<VolumeMount, "readOnly"> = {}): void {
    const mount = { volume, path, ...options };
    checkService({ ...this.props, mounts: [...this.mounts, mount] });
    this.mounts.push(mount);
    this.container.putMounts(this.mountList());
    this.container.putLabels(this.labelList());
  }

  private containerConfig(): DockerContainerConfig {
    const { props } = this;
    const uid = props.uid ?? DEFAULT_UID;
    const createFirst = props.replacement === Replacement.CREATE_FIRST;
    const grace = (props.stopGracePeriod ?? DEFAULT_GRACE).toSeconds();
    return {
      name: createFirst ? `${this.containerName}-\${formatdate("DDhhmmss", plantimestamp())}` : this.containerName,
      image: props.image.imageId,
      ...(props.entrypoint === undefined ? {} : { entrypoint: props.entrypoint.map(literal) }),
      ...(props.command === undefined ? {} : { command: props.command.map(literal) }),
      ...(props.hostname === undefined ? {} : { hostname: props.hostname }),
      user: `${uid}:${uid}`,
      env: this.environmentList(),
      networksAdvanced: props.networks.map((name) => ({ name, aliases: [props.service] })),
      mounts: this.mountList(),
      ...(props.tmpfs === undefined ? {} : { tmpfs: this.tmpfs() }),
      ports: (props.ports ?? []).map(publishedPort).sort((left, right) => left.internal - right.internal),
      labels: this.labelList(),
      healthcheck: props.healthCheck._toTerraform(),
      wait: true,
      waitTimeout: props.healthCheck.waitTimeout.toSeconds(),
      mustRun: true,
      restart: "unless-stopped",
      init: true,
      readOnly: true,
      capabilities: { drop: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      memory: props.memory,
      memorySwap: props.memory,
      cpus: processors(props.cpus),
      ulimit: [{ name: "nproc", soft: PROCESSES_PER_USER, hard: PROCESSES_PER_USER }],
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "5" },
      stopTimeout: grace,
      destroyGraceSeconds: grace,
      ...(createFirst ? { lifecycle: { createBeforeDestroy: true, ignoreChanges: ["name"] } } : {}),
    };
  }

  private environmentList(): string[] {
    return [...this.variables].map(([name, value]) => `${name}=${literal(value)}`).sort();
  }

  private mountList() {
    return this.mounts.map(({ volume, path, readOnly }) => ({
      type: "volume",
      source: volume,
      target: path,
      readOnly: readOnly ?? false,
    }));
  }

  private tmpfs(): Record<string, string> {
    const uid = this.props.uid ?? DEFAULT_UID;
    return Object.fromEntries((this.props.tmpfs ?? []).map((mount) => [mount.path, tmpfsOptions(mount, uid)]));
  }

  private labelList() {
    const { environment, service, replica, healthCheck, secretRevision } = this.props;
    const unseen = {
      health: healthCheck._toTerraform(),
      init: true,
      mounts: this.mountList(),
      tmpfs: this.tmpfs(),
      secretRevision: secretRevision ?? null,
    };
    return [
      { label: ContainerLabel.environment, value: environment },
      { label: ContainerLabel.service, value: service },
      ...(replica === undefined ? [] : [{ label: ContainerLabel.replica, value: String(replica) }]),
      { label: ContainerLabel.digest, value: digest(unseen) },
    ];
  }
}

const DEFAULT_UID = 1_000;
const DEFAULT_GRACE = Duration.seconds(10);

/** The form the provider reads a limit back in, its slips included: any other is a replacement in every plan. */
function processors(count: number): string {
  const digits = count.toFixed(9);
  return digits.match(/0/g)?.length === 9 ? count.toFixed(1) : digits.replace(/0+$/, "");
}
