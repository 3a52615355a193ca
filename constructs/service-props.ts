import type { IContainerImage } from "./container-image";
import type { Duration } from "./duration";
import type { HealthCheck } from "./health-check";

/** How a container is replaced. */
export enum Replacement {
  /** The old container stops first: for a fixed name, a published port, or data that two containers may not share. */
  STOP_FIRST = "stop-first",
  /** The new container is healthy before the old one gets SIGTERM, so that there is no gap. */
  CREATE_FIRST = "create-first",
}

/** A named volume in a container. */
export interface VolumeMount {
  readonly volume: string;
  /** Absolute path in the container. */
  readonly path: string;
  /** @default false */
  readonly readOnly?: boolean;
}

/** A tmpfs, owned by the container's user. */
export interface TmpfsMount {
  /** Absolute path in the container. */
  readonly path: string;
  /** In MiB. */
  readonly size: number;
  /** Whether programs in it may be executed, as build tools do. @default false */
  readonly executable?: boolean;
}

/** A port of the container, published on an address of the host. */
export interface PublishedPort {
  readonly container: number;
  /** Address and port of the host, `127.0.0.1:8080`. */
  readonly host: string;
}

export interface ServiceProps {
  /** Name of the environment: first part of the container's name, and a label. */
  readonly environment: string;
  /** Name of the service: network alias and label. */
  readonly service: string;
  /** Number of this replica, from 1. @default - the service has one container */
  readonly replica?: number;
  readonly image: IContainerImage;
  /** @default - the image's entrypoint */
  readonly entrypoint?: readonly string[];
  /** @default - the image's command */
  readonly command?: readonly string[];
  /** Numeric user and group; never root. @default 1000 */
  readonly uid?: number;
  /** Fixed host name inside the container. @default - the container's id */
  readonly hostname?: string;
  /** Environment variables. Never a secret: they are plain text in plan and state. @default - none */
  readonly variables?: Readonly<Record<string, string>>;
  /** Names of networks; the service's name is its alias in each. */
  readonly networks: readonly string[];
  /** @default - none */
  readonly mounts?: readonly VolumeMount[];
  /** @default - none */
  readonly tmpfs?: readonly TmpfsMount[];
  /** @default - none: the service can be reached in its networks only */
  readonly ports?: readonly PublishedPort[];
  readonly healthCheck: HealthCheck;
  /** Limit in MiB; there is no swap beyond it. */
  readonly memory: number;
  /** Processors. */
  readonly cpus: number;
  /** How long the container may take to stop before it is killed. @default 10 s */
  readonly stopGracePeriod?: Duration;
  /** How long Terraform waits until a container is removed. @default - the grace period and 2 min */
  readonly removeTimeout?: Duration;
  /** @default Replacement.STOP_FIRST */
  readonly replacement?: Replacement;
  /** A change replaces the container; raise it when the files of the secrets volume change. @default - reads no secrets */
  readonly secretRevision?: number;
}
