import type { FoundProvider } from "../terraform/find-provider";

/** What `up` looked at before it changes anything; the decisions about it are made elsewhere. */
export interface MachineFacts {
  readonly environment: string;
  readonly node: string;
  /** Undefined when it is not installed. */
  readonly terraform: string | undefined;
  readonly provider: FoundProvider;
  readonly engine: {
    /** Undefined when no engine answers. */
    readonly version: string | undefined;
    readonly problem: string | undefined;
    /** Whether there is a `docker` command. */
    readonly client: boolean;
    /** Whether the engine that is meant is the one at this machine's default address. */
    readonly defaultAddress: boolean;
    /** Bytes. */
    readonly memory: number;
    /** Bytes; undefined when the engine is on another machine. */
    readonly freeDisk: number | undefined;
  };
  /** Addresses of this machine the environment publishes; none when the engine is on another machine. */
  readonly ports: readonly { readonly listen: string; readonly takenByOther: boolean; readonly fix: string }[];
  readonly images: readonly BaseImage[];
  readonly system: {
    /** Debian or one of its descendants: packages come by apt-get. */
    readonly debian: boolean;
    readonly root: boolean;
    readonly systemd: boolean;
    /** Whether `dockerd` is installed. */
    readonly daemon: boolean;
  };
  /** What making base images from Debian packages needs, beside root. */
  readonly standIns: {
    /** Whether the engine is on this machine. */
    readonly local: boolean;
    readonly debootstrap: boolean;
    /** Whether a `docker` command builds with BuildKit. */
    readonly buildClient: boolean;
    /** The script that makes them. */
    readonly script: string;
  };
  /** The environment's networks that exist although this project has no state of them: another checkout made them. */
  readonly foreignNetworks: readonly string[];
  /** Whether the environment's containers exist: its images were built then. */
  readonly imagesBuilt: boolean;
  readonly network: {
    readonly bridgeMtu: number | undefined;
    readonly uplinkMtu: number | undefined;
    readonly caBundle: string | undefined;
  };
}

/** An image the fleet is built on. */
export interface BaseImage {
  /** Key in `[images]`. */
  readonly key: "base" | "rabbitmq" | "postgres";
  readonly reference: string;
  readonly source: "local" | "registry" | "absent";
  readonly problem: string | undefined;
  /** What `assets/base/make.sh` makes in its place. */
  readonly standIn: string;
}
