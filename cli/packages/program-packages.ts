import { installCommand } from "./package-manager";
import type { PackageManager } from "./package-manager";

/** The programs the fleet's processes need besides Node.js and npm. */
export const PROGRAM_NAMES = ["rabbitmq", "postgres", "python", "git", "jq"] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

export interface ProgramPackages {
  readonly label: string;
  /** Packages a person installs for the program. */
  readonly packages: Readonly<Record<PackageManager, string>>;
  /** Further packages to unpack, which are not among its dependencies. */
  readonly beside: readonly string[];
  /** Dependencies not to unpack: they are for services, accounts, logs, scripts and compilers, not for the program. */
  readonly leaveOut: RegExp;
}

/**
 * Packages that are never unpacked: the system's loader starts the programs and works only with the system's C library;
 * packages for accounts, services and questions are not needed.
 */
export const NEVER_UNPACKED =
  /^(libc6|libc-bin|adduser|passwd|login\.defs|libsemanage.*|libsepol2|netbase|openssl|procps|libproc2-0|sensible-utils|ucf)$/;

/** The names for apt-get are those of Debian and Ubuntu. */
export const PROGRAMS: Readonly<Record<ProgramName, ProgramPackages>> = {
  rabbitmq: {
    label: "RabbitMQ",
    packages: {
      "apt-get": "rabbitmq-server",
      dnf: "rabbitmq-server",
      pacman: "rabbitmq",
      zypper: "rabbitmq-server",
      apk: "rabbitmq-server",
      brew: "rabbitmq",
    },
    beside: [],
    leaveOut: /^(lib)?python3|^(cron.*|logrotate|libpopt0|media-types|socat|libwrap0)$/,
  },
  postgres: {
    label: "PostgreSQL",
    packages: {
      "apt-get": "postgresql",
      dnf: "postgresql-server",
      pacman: "postgresql",
      zypper: "postgresql-server",
      apk: "postgresql",
      brew: "postgresql@17",
    },
    beside: [],
    leaveOut: /perl|^libllvm|^libz3-|^libgdbm|^postgresql(-client)?-common|^(libc-l10n|locales|ssl-cert)$/,
  },
  python: {
    label: "Python",
    packages: {
      "apt-get": "python3 python3-venv",
      dnf: "python3",
      pacman: "python",
      zypper: "python3",
      apk: "python3",
      brew: "python@3.13",
    },
    beside: ["ca-certificates", "tzdata"],
    leaveOut: /^media-types$/,
  },
  git: {
    label: "git",
    packages: { "apt-get": "git", dnf: "git", pacman: "git", zypper: "git", apk: "git", brew: "git" },
    beside: ["ca-certificates"],
    leaveOut: /perl|^libgdbm|^git-man$/,
  },
  jq: {
    label: "jq",
    packages: { "apt-get": "jq", dnf: "jq", pacman: "jq", zypper: "jq", apk: "jq", brew: "jq" },
    beside: [],
    leaveOut: /^$/,
  },
};

/** The command with which a person installs programs; for an unknown package manager, the names of the programs. */
export function installationCommand(manager: PackageManager | undefined, programs: readonly ProgramName[]): string {
  if (manager === undefined) return `install ${programs.map((name) => PROGRAMS[name].label).join(", ")}`;
  return installCommand(
    manager,
    programs.map((name) => PROGRAMS[name].packages[manager]),
  );
}
