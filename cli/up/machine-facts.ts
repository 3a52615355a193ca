import { compareVersions } from "../console/prerequisite";
import type { PackageManager } from "../packages/package-manager";
import type { FoundProvider } from "../terraform/find-provider";

/** Sources: execa and tsx need Node 20.19; `plantimestamp()` came with Terraform 1.5; BuildKit without plug-ins with engine 20.10. */
export const MINIMUM = { node: "20.19.0", terraform: "1.5.0", engine: "20.10.0" } as const;

/** Whether an engine would be of any use: without Terraform and its provider nothing can be deployed to it. */
export function canDeploy({ terraform, provider }: Pick<MachineFacts, "terraform" | "provider">): boolean {
  return terraform !== undefined && compareVersions(terraform, MINIMUM.terraform) >= 0 && provider.version !== undefined;
}

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
    /** What installs software here. */
    readonly packageManager: PackageManager | undefined;
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
