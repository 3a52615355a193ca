import { existsSync } from "node:fs";
import path from "node:path";

/** Installation commands by package manager. */
const INSTALL = {
  "apt-get": "apt-get install",
  dnf: "dnf install",
  pacman: "pacman -S",
  zypper: "zypper install",
  apk: "apk add",
  brew: "brew install",
} as const;

export type PackageManager = keyof typeof INSTALL;
export const PACKAGE_MANAGERS = Object.keys(INSTALL) as readonly PackageManager[];

/** The command with which a person installs packages. */
export function installCommand(manager: PackageManager, packages: readonly string[]): string {
  return [INSTALL[manager], ...packages].join(" ");
}

/** The package manager of this machine; undefined when it is not a known one. */
export function findPackageManager(searchPath: string = process.env["PATH"] ?? ""): PackageManager | undefined {
  const directories = [...searchPath.split(path.delimiter), "/usr/sbin", "/sbin"];
  return PACKAGE_MANAGERS.find((program) => directories.some((directory) => existsSync(path.join(directory, program))));
}
