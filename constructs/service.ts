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
 * Maximum number of processes and threads of one user. The kernel counts them per user id of the host, over all
 * containers, so the limit stops a fork bomb and is still enough for many replicas.
 */
const PROCESSES_PER_USER = 4_096;

/**
 * One container with safe defaults: not root, no capabilities, read-only root, limits, rotated logs, a health check that
 * Terraform waits for, and time to stop.
 *
 * The provider ignores changes of health checks, mounts, tmpfs and init: it neither applies them nor replaces the
 * container. So their digest is a label, and a changed label replaces the container.
 */
export class Service extends Construct {
  /** Name of the container; with `Replacement.CREATE_FIRST` the real name ends with a time stamp. */
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

  /** Adds environment variables and overrides existing ones of the same name. Never a secret. */
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

/** The form in which the provider reads the limit back, its errors included: any other form replaces the container in every plan. */
function processors(count: number): string {
  const digits = count.toFixed(9);
  return digits.match(/0/g)?.length === 9 ? count.toFixed(1) : digits.replace(/0+$/, "");
}
