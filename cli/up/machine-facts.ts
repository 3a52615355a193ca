/** What `up` looked at before it changes anything; the decisions about it are made elsewhere. */
export interface MachineFacts {
  readonly environment: string;
  readonly node: string;
  /** Undefined when it is not installed. */
  readonly terraform: string | undefined;
  readonly provider: {
    readonly version: string | undefined;
    /** Signed, from its registry; anything else comes from a mirror and cannot be locked for other platforms. */
    readonly fromRegistry: boolean;
    readonly problem: string | undefined;
  };
  readonly engine: {
    /** Undefined when no engine answers. */
    readonly version: string | undefined;
    readonly problem: string | undefined;
    /** Bytes. */
    readonly memory: number;
    /** Bytes; undefined when the engine is on another machine. */
    readonly freeDisk: number | undefined;
  };
  /** Addresses of this machine the environment publishes; none when the engine is on another machine. */
  readonly ports: readonly { readonly listen: string; readonly takenByOther: boolean; readonly fix: string }[];
  readonly images: readonly BaseImage[];
  /** Whether base images can be made here from Debian packages, and what that needs. */
  readonly standIns: { readonly possible: boolean; readonly fix: string };
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
