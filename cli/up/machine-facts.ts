import { compareVersions } from "../console/prerequisite";
import type { PackageManager } from "../packages/package-manager";
import type { FoundProvider } from "../terraform/find-provider";

/** Sources: execa and tsx need Node 20.19; `plantimestamp()` came with Terraform 1.5; BuildKit without plug-ins with engine 20.10. */
export const MINIMUM = { node: "20.19.0", terraform: "1.5.0", engine: "20.10.0" } as const;

/** Whether an engine could be used: deployment needs Terraform and its provider. */
export function canDeploy({ terraform, provider }: Pick<MachineFacts, "terraform" | "provider">): boolean {
  return terraform !== undefined && compareVersions(terraform, MINIMUM.terraform) >= 0 && provider.version !== undefined;
}

/** What `up` found out about this machine before it changes anything. */
export interface MachineFacts {
  readonly environment: string;
  readonly node: string;
  /** Version; undefined when Terraform is not installed. */
  readonly terraform: string | undefined;
  readonly provider: FoundProvider;
  readonly engine: {
    /** Undefined when no engine answers. */
    readonly version: string | undefined;
    readonly problem: string | undefined;
    /** Whether there is a `docker` command. */
    readonly client: boolean;
    /** Whether the engine's address is this machine's default one. */
    readonly defaultAddress: boolean;
    /** Bytes. */
    readonly memory: number;
    /** Bytes; undefined when the engine is on another machine. */
    readonly freeDisk: number | undefined;
  };
  /** Addresses the environment publishes on this machine; empty when the engine is on another machine. */
  readonly ports: readonly { readonly listen: string; readonly takenByOther: boolean; readonly fix: string }[];
  readonly images: readonly BaseImage[];
  readonly system: {
    /** Package manager of this machine. */
    readonly packageManager: PackageManager | undefined;
    readonly root: boolean;
    readonly systemd: boolean;
    /** Whether `dockerd` is installed. */
    readonly daemon: boolean;
  };
  /** What building base images from Debian packages needs besides root. */
  readonly standIns: {
    /** Whether the engine is on this machine. */
    readonly local: boolean;
    readonly debootstrap: boolean;
    /** Whether a `docker` command builds with BuildKit. */
    readonly buildClient: boolean;
    /** The script that makes them. */
    readonly script: string;
  };
  /** Existing networks of the environment that are not in this project's state, so that another checkout created them. */
  readonly foreignNetworks: readonly string[];
  /** Whether the environment's containers exist, so that its images were built. */
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
  /** The image that `assets/base/make.sh` makes as its replacement. */
  readonly standIn: string;
}
