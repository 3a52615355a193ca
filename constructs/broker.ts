import path from "node:path";
import { Construct } from "constructs";
import { SECRET_OWNERS } from "../runtime/contract";
import type { OwnVariables } from "./environment-variables";
import { BuildContext } from "./build-context";
import { BuiltImage, ImageContext } from "./built-image";
import type { BuildSettings } from "./built-image";
import { RegistryImage } from "./container-image";
import type { IContainerImage } from "./container-image";
import { Duration } from "./duration";
import { HealthCheck } from "./health-check";
import { packageRoot } from "./package-root";
import { ServiceName } from "./resource-names";
import type { ResourceNames } from "./resource-names";
import { secretsMount } from "./secret";
import { Service } from "./service";

/** A RabbitMQ broker for API and workers. */
export interface IBroker {
  /** Variables for a container that connects as this user; never a password. */
  variablesFor(user: BrokerUser): OwnVariables;
}

/** Users in the fleet's definitions: the API publishes, workers consume and publish. */
export type BrokerUser = "api" | "worker";

export interface BrokerProps {
  readonly names: ResourceNames;
  /** Image with the layout of the official one. */
  readonly baseImage: string;
  readonly build: BuildSettings;
  /** Reference of a broker image built earlier, which is pulled instead of built. @default - the image is built */
  readonly prebuilt?: string | undefined;
  /** Longest time a worker may hold a message. */
  readonly consumerTimeout: Duration;
  /** Limit in MiB. */
  readonly memory: number;
  readonly cpus: number;
  readonly secretRevision: number;
}

/**
 * The fleet's own RabbitMQ: the official image with the fleet's configuration, which loads users, queues and
 * permissions from its secrets volume before it listens.
 */
export class Broker extends Construct implements IBroker {
  /** An existing broker. The fleet creates nothing on it; the operator loads the definitions. */
  static fromUrl(url: string, user?: string): IBroker {
    return { variablesFor: (role) => ({ CELERY_BROKER_URL: url, RABBITMQ_USER: user ?? role }) };
  }

  readonly service: Service;

  constructor(scope: Construct, id: string, props: BrokerProps) {
    super(scope, id);
    const image = props.prebuilt === undefined ? this.build(props) : new RegistryImage(this, "Image", props.prebuilt);
    this.service = new Service(this, "Service", {
      environment: props.names.environment,
      service: ServiceName.broker,
      image,
      command: ["rabbitmq-server"],
      uid: SECRET_OWNERS.rabbitmq.uid,
      // RabbitMQ names its data directory after the host, so the name must not change.
      hostname: ServiceName.broker,
      networks: [props.names.networks.backplane],
      mounts: [{ volume: props.names.volumes.rabbitmq, path: "/var/lib/rabbitmq" }, secretsMount(props.names, "rabbitmq")],
      tmpfs: [{ path: "/tmp", size: 64 }],
      healthCheck: HealthCheck.tcp(5672, { startPeriod: Duration.minutes(2) }),
      memory: props.memory,
      cpus: props.cpus,
      stopGracePeriod: Duration.minutes(1),
      secretRevision: props.secretRevision,
    });
  }

  private build(props: BrokerProps): IContainerImage {
    const context = new ImageContext(
      this,
      "Context",
      new BuildContext().addDirectory(path.join(packageRoot(), "assets", "broker")),
      props.build,
    );
    return new BuiltImage(this, "Image", context, {
      repository: "codex-fleet/broker",
      buildArgs: {
        BASE_IMAGE: props.baseImage,
        CONSUMER_TIMEOUT_MS: String(props.consumerTimeout.toMilliseconds()),
        MEMORY_HIGH_WATERMARK: `${Math.floor(props.memory * MEMORY_WATERMARK)}MiB`,
      },
      logFile: "broker-image.build.log",
      settings: props.build,
      timeout: Duration.minutes(10),
    });
  }

  variablesFor(user: BrokerUser): OwnVariables {
    return { CELERY_BROKER_URL: `amqp://${ServiceName.broker}:5672//`, RABBITMQ_USER: user };
  }
}

/** Share of the container's memory limit. RabbitMQ's own default is a share of the host's memory, which may exceed the limit. */
const MEMORY_WATERMARK = 0.6;
