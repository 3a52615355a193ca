import { canDeploy } from "./machine-facts";
import type { MachineFacts } from "./machine-facts";

/** What `up` may install on this machine. */
export interface Installation {
  /** Debian packages that are required. */
  readonly packages: readonly string[];
  /** Packages that only newer releases have; in earlier ones the other packages contain them. */
  readonly whereAvailable: readonly string[];
  readonly startEngine: boolean;
}

/** Debian's packages of the engine; from Debian 13 on the client and its builder are separate packages. */
const ENGINE = { packages: ["docker.io", "iptables"], whereAvailable: ["docker-cli", "docker-buildx"] } as const;

/**
 * What is missing on this machine and its distribution has as packages: a Docker engine, if the default one is configured and
 * would be used, and the programs that build replacements for base images. Undefined when nothing is missing, or when `up`
 * may not install it.
 */
export function planInstallation(facts: MachineFacts): Installation | undefined {
  const { engine, images, standIns, system } = facts;
  if (system.packageManager !== "apt-get" || !system.root || !canDeploy(facts)) return undefined;
  if (engine.version === undefined) {
    if (!engine.defaultAddress) return undefined;
    if (system.daemon && engine.client) return { packages: [], whereAvailable: [], startEngine: true };
    return { ...ENGINE, startEngine: true };
  }
  if (!standIns.local || images.every(({ source }) => source !== "absent")) return undefined;
  const packages = standIns.debootstrap ? [] : ["debootstrap", "debian-archive-keyring"];
  const builder = standIns.buildClient ? [] : ["docker-buildx"];
  return packages.length + builder.length === 0
    ? undefined
    : { packages: [...packages, ...builder], whereAvailable: [], startEngine: false };
}

/** Description of an installation, for the table of prerequisites and the question. */
export function installationWords({ packages, startEngine }: Installation): string {
  const install = packages.length === 0 ? [] : [`install ${packages.join(", ")} from this system's packages`];
  return [...install, ...(startEngine ? ["start the Docker engine"] : [])].join(" and ");
}

/** The commands with which a person does the same. */
export function installationCommands({ packages, startEngine }: Installation, systemd: boolean): string {
  const install = packages.length === 0 ? [] : [`apt-get update && apt-get install ${packages.join(" ")}`];
  const start = systemd ? "systemctl enable --now docker" : "setsid dockerd >/var/log/dockerd.log 2>&1 &";
  return [...install, ...(startEngine ? [start] : [])].join(" && ");
}
