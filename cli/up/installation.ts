import { canDeploy } from "./machine-facts";
import type { MachineFacts } from "./machine-facts";

/** What `up` may install on this machine, and why it has to. */
export interface Installation {
  /** Debian packages that have to be there. */
  readonly packages: readonly string[];
  /** Packages that only some releases have apart; earlier ones have them inside the others. */
  readonly whereAvailable: readonly string[];
  readonly startEngine: boolean;
}

/** The engine from Debian's packages; the client and its builder are packages of their own from Debian 13 on. */
const ENGINE = { packages: ["docker.io", "iptables"], whereAvailable: ["docker-cli", "docker-buildx"] } as const;

/**
 * What is missing on this machine and can be had from the packages of its own distribution: a Docker engine where the
 * default one is meant and would be used, and what stand-ins for base images are made with. Undefined when nothing is
 * missing, or it is not ours to install. Pure.
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

/** What will be done, for the table of prerequisites and the question. */
export function installationWords({ packages, startEngine }: Installation): string {
  const install = packages.length === 0 ? [] : [`install ${packages.join(", ")} from this system's packages`];
  return [...install, ...(startEngine ? ["start the Docker engine"] : [])].join(" and ");
}

/** The commands a person would type instead. */
export function installationCommands({ packages, startEngine }: Installation, systemd: boolean): string {
  const install = packages.length === 0 ? [] : [`apt-get update && apt-get install ${packages.join(" ")}`];
  const start = systemd ? "systemctl enable --now docker" : "setsid dockerd >/var/log/dockerd.log 2>&1 &";
  return [...install, ...(startEngine ? [start] : [])].join(" && ");
}
