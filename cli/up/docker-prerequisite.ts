import type { PackageManager } from "../packages/package-manager";
import { compareVersions, gib, row } from "../console/prerequisite";
import type { Prerequisite } from "../console/prerequisite";
import { foreignFix } from "../terraform/repair-plan";
import { installationCommands, installationWords, planInstallation } from "./installation";
import type { Installation } from "./installation";
import { canDeploy, MINIMUM } from "./machine-facts";
import type { BaseImage, MachineFacts } from "./machine-facts";

const GIB = 1024 ** 3;
/** Broker, database, API and two idle workers take 0.9 GiB, one running agent 0.5 GiB. */
const MEMORY = 1.5 * GIB;
/** Worker image, its build cache and base images; without a build only volumes and logs grow. */
const DISK = { build: 6 * GIB, run: 1 * GIB } as const;

/**
 * The prerequisites, checked against what was found on this machine.
 *
 * @param mayInstall Whether somebody has agreed to the installation of packages, or can be asked.
 */
export function prerequisites(facts: MachineFacts, mayInstall: boolean): Prerequisite[] {
  const installation = planInstallation(facts);
  return [
    atLeast("Node.js", facts.node, MINIMUM.node, "install Node.js 20.19 or later"),
    atLeast(
      "Terraform",
      facts.terraform,
      MINIMUM.terraform,
      `install Terraform ${COMMANDS.terraform[facts.system.packageManager ?? "apt-get"] ?? "from https://developer.hashicorp.com/terraform/install (Debian and Ubuntu have no package of it)"}, or set TERRAFORM_BINARY_NAME`,
    ),
    installation?.startEngine === true
      ? offered(
          "Docker engine",
          facts.system.daemon && facts.engine.client ? "installed, not running" : "none",
          `>= ${MINIMUM.engine.replace(/\.0$/, "")}`,
          installation,
          facts,
          mayInstall,
        )
      : atLeast("Docker engine", facts.engine.version, MINIMUM.engine, engineFix(facts)),
    ...(facts.engine.version === undefined ? [] : engineRows(facts)),
    ...(facts.terraform === undefined ? [] : [providerRow(facts)]),
    ...facts.images.map((image) => imageRow(image, facts, installation, mayInstall)),
  ];
}

/** The row of the Docker provider; only an installed Terraform can look for it. */
function providerRow({ provider }: MachineFacts): Prerequisite {
  return row(
    "Docker provider",
    provider.version !== undefined,
    provider.version ?? `none (${provider.problem ?? "unknown"})`,
    "kreuzwerker/docker ~> 4.5",
    "let Terraform reach its registry, or put the provider into its implied local mirror (~/.terraform.d/plugins)",
  );
}

function engineRows(facts: MachineFacts): Prerequisite[] {
  const { memory, freeDisk } = facts.engine;
  const disk = facts.imagesBuilt ? DISK.run : DISK.build;
  return [
    row("Memory", memory >= MEMORY, gib(memory), `>= ${gib(MEMORY)}`, "give the engine more memory"),
    ...(freeDisk === undefined
      ? []
      : [row("Disk", freeDisk >= disk, `${gib(freeDisk)} free`, `>= ${gib(disk)}`, 'free space, for example with "docker system prune"')]),
    ...(facts.foreignNetworks.length === 0
      ? []
      : [
          row(
            "State",
            false,
            `the networks ${facts.foreignNetworks.join(", ")}, unknown to Terraform's state here`,
            "networks this checkout made, or none",
            foreignFix(facts.environment, facts.foreignNetworks),
          ),
        ]),
    ...facts.ports.map(({ listen, takenByOther, fix }) =>
      row(`Port ${listen}`, !takenByOther, takenByOther ? "taken by another program" : "free or ours", "free", fix),
    ),
  ];
}

function imageRow(image: BaseImage, facts: MachineFacts, installation: Installation | undefined, mayInstall: boolean): Prerequisite {
  const name = `Image ${image.reference}`;
  const required = "present, or in a registry that answers";
  if (image.source !== "absent") return row(name, true, image.source === "local" ? "present" : "in its registry", required, "");
  const { standIns } = facts;
  const lacking = standInLacks(facts);
  const made = `not reachable; will be made from Debian packages as ${image.standIn}`;
  if (lacking.length === 0) return row(name, true, made, required, "");
  if (installation !== undefined) return offered(name, made, required, installation, facts, mayInstall);
  return row(
    name,
    false,
    `not reachable (${image.problem ?? "no answer"})`,
    required,
    `connect to the registry, load the image with "docker load", or make a stand-in: ${[...lacking, `then ${standIns.script}`].join(", ")}`,
  );
}

function standInLacks({ standIns, system }: MachineFacts): string[] {
  return [
    ...(standIns.local ? [] : ["run this on the engine's own machine"]),
    ...(system.root ? [] : ["run it as root"]),
    ...(standIns.debootstrap ? [] : ["install debootstrap (apt-get install debootstrap debian-archive-keyring)"]),
    ...(standIns.buildClient ? [] : ["install docker-buildx (apt-get install docker-buildx)"]),
  ];
}

/** A prerequisite that `up` can fulfil itself, if it may. */
function offered(
  name: string,
  found: string,
  required: string,
  installation: Installation,
  { system }: MachineFacts,
  mayInstall: boolean,
): Prerequisite {
  const words = installationWords(installation);
  if (mayInstall) return row(name, true, `${found}; up will ${words}`, required, "");
  return row(
    name,
    false,
    found,
    required,
    `run it again with -y to ${words}, or do it yourself: ${installationCommands(installation, system.systemd)}`,
  );
}

function atLeast(name: string, found: string | undefined, minimum: string, fix: string): Prerequisite {
  return row(name, found !== undefined && compareVersions(found, minimum) >= 0, found ?? "none", `>= ${minimum.replace(/\.0$/, "")}`, fix);
}

/** Installation commands on systems that have a package; on Debian `up` itself installs the engine if it can be used. */
const COMMANDS: Readonly<Record<"terraform" | "engine", Readonly<Partial<Record<PackageManager, string>>>>> = {
  terraform: { brew: "(brew install hashicorp/tap/terraform)", pacman: "(pacman -S terraform)" },
  engine: {
    "apt-get": " (apt-get install docker.io)",
    dnf: " (dnf install moby-engine docker-cli)",
    pacman: " (pacman -S docker docker-buildx)",
    zypper: " (zypper install docker)",
    apk: " (apk add docker)",
    brew: " (brew install --cask docker-desktop)",
  },
};

function engineFix(facts: MachineFacts): string {
  const { problem, client, defaultAddress } = facts.engine;
  const { packageManager, daemon } = facts.system;
  if (problem === undefined) return "install Docker Engine 20.10 or later";
  if (/permission denied/i.test(problem)) return `run it as root or as a user of the group docker (${problem})`;
  if (defaultAddress && packageManager === "apt-get" && !(client && daemon) && canDeploy(facts))
    return `run it as root with -y, which installs Docker from this system's packages, or point DOCKER_HOST or a docker context at an engine (${problem})`;
  const install = `install Docker${(defaultAddress && packageManager && COMMANDS.engine[packageManager]) || ""}`;
  return `${client ? "start Docker" : install}, or point DOCKER_HOST or a docker context at an engine (${problem})`;
}
