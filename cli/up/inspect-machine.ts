import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { ContainerLabel } from "../../runtime/contract";
import { runCommand } from "../process/run-program";
import { docker } from "../docker/docker";
import { findPackageManager } from "../packages/package-manager";
import { packageRoot } from "../project/project";
import { findProvider } from "../terraform/find-provider";
import type { BaseImage, MachineFacts } from "./machine-facts";
import { terraformEnvironment, terraformProgram } from "../terraform/terraform";

/** What the environment requires of this machine. */
export interface MachineNeeds {
  readonly environment: string;
  readonly images: Readonly<Partial<Record<BaseImage["key"], string>>>;
  /** Published `ip:port`s, and what to do when another program uses one. */
  readonly ports: readonly { readonly listen: string; readonly fix: string }[];
  /** Networks the environment will create, when its state file does not exist yet. */
  readonly newNetworks: readonly string[];
  /** Version constraint of the Docker provider, and the directory of a stack that may have it already. */
  readonly provider: { readonly version: string; readonly stackDirectory: string };
}

/** Names of the images that `assets/base/make.sh` makes. */
export const STAND_INS: Readonly<Record<BaseImage["key"], string>> = {
  base: "codex-fleet/base:trixie",
  rabbitmq: "codex-fleet/rabbitmq:4.0",
  postgres: "codex-fleet/postgres:17",
};

/** Inspects everything concurrently and changes nothing. */
export async function inspectMachine(needs: MachineNeeds): Promise<MachineFacts> {
  const [terraform, provider, engine] = await Promise.all([
    terraformVersion(),
    findProvider(needs.provider.stackDirectory, needs.provider.version),
    inspectEngine(),
  ]);
  const answers = engine.version !== undefined;
  const [images, bridgeMtu, containers, networks] = await Promise.all([
    answers ? Promise.all(Object.entries(needs.images).map(([key, reference]) => inspectImage(key as BaseImage["key"], reference))) : [],
    answers ? readBridgeMtu() : undefined,
    answers ? docker(["ps", "--all", "--quiet", "--filter", `label=${ContainerLabel.environment}=${needs.environment}`]) : "",
    answers ? docker(["network", "ls", "--format", "{{.Name}}"]) : "",
  ]);
  const imagesBuilt = containers !== "";
  return {
    environment: needs.environment,
    node: process.versions.node,
    terraform,
    provider,
    engine,
    ports: engine.local
      ? await Promise.all(needs.ports.map(async (port) => ({ ...port, takenByOther: !imagesBuilt && (await accepts(port.listen)) })))
      : [],
    images,
    standIns: {
      local: engine.local,
      debootstrap: isInstalled("debootstrap"),
      buildClient: await findBuildClient(),
      script: standInScript(),
    },
    system: {
      packageManager: findPackageManager(),
      root: process.getuid?.() === 0,
      systemd: existsSync("/run/systemd/system"),
      daemon: isInstalled("dockerd"),
    },
    foreignNetworks: networks.split("\n").filter((name) => needs.newNetworks.includes(name)),
    imagesBuilt,
    network: { bridgeMtu, uplinkMtu: engine.local ? readUplinkMtu() : undefined, caBundle: findCaBundle(process.env) },
  };
}

async function terraformVersion(): Promise<string | undefined> {
  const result = await runCommand(terraformProgram(), ["version", "-json"], { environment: terraformEnvironment() });
  if (!result.ok) return undefined;
  return (JSON.parse(result.stdout.toString()) as { terraform_version: string }).terraform_version;
}

async function inspectEngine(): Promise<MachineFacts["engine"] & { readonly local: boolean }> {
  const client = isInstalled("docker");
  const address = await engineAddress(client);
  const known = { client, defaultAddress: address === DEFAULT_ADDRESS };
  if (!client) return { ...NO_ENGINE, ...known, problem: "there is no docker command" };
  try {
    const info = JSON.parse(await docker(["info", "--format", "{{json .}}"])) as EngineInfo;
    // When no engine answers, clients omit the version or leave it empty, and exit with 0.
    if (!info.ServerVersion) return { ...NO_ENGINE, ...known, problem: info.ServerErrors?.[0] ?? "no answer" };
    const local = address.startsWith("unix://") && existsSync(info.DockerRootDir);
    const disk = local ? statfsSync(info.DockerRootDir) : undefined;
    return {
      ...known,
      version: info.ServerVersion,
      problem: undefined,
      memory: info.MemTotal,
      freeDisk: disk && disk.bavail * disk.bsize,
      local,
    };
  } catch (error) {
    return { ...NO_ENGINE, ...known, problem: (error as Error).message };
  }
}

const DEFAULT_ADDRESS = "unix:///var/run/docker.sock";

async function engineAddress(client: boolean): Promise<string> {
  if (process.env.DOCKER_HOST !== undefined) return process.env.DOCKER_HOST;
  if (!client) return DEFAULT_ADDRESS;
  return docker(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).catch(() => "");
}

interface EngineInfo {
  readonly ServerVersion?: string;
  readonly ServerErrors?: string[];
  readonly MemTotal: number;
  readonly DockerRootDir: string;
}

const NO_ENGINE = { version: undefined, memory: 0, freeDisk: undefined, local: false } as const;

async function inspectImage(key: BaseImage["key"], reference: string): Promise<BaseImage> {
  const image = { key, reference, standIn: STAND_INS[key] };
  if ((await runCommand("docker", ["image", "inspect", reference])).ok) return { ...image, source: "local", problem: undefined };
  if (reference === image.standIn) return { ...image, source: "absent", problem: "a stand-in that was not made yet" };
  const remote = await runCommand("docker", ["manifest", "inspect", reference], { timeout: 30_000 });
  if (remote.ok) return { ...image, source: "registry", problem: undefined };
  return { ...image, source: "absent", problem: remote.stderr.split("\n").at(-1) };
}

/** Whether a program is installed; also looks where system programs are, which an ordinary user's PATH may lack. */
function isInstalled(program: string): boolean {
  return installedAs(program).length > 0;
}

function installedAs(program: string): string[] {
  const directories = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/sbin"];
  return [...new Set(directories)].map((directory) => path.join(directory, program)).filter((file) => existsSync(file));
}

/** Whether a Docker client can build with BuildKit: from 23 on it needs the buildx plugin. Several clients may be installed. */
async function findBuildClient(): Promise<boolean> {
  const able = installedAs("docker").map(async (client) => {
    const version = await runCommand(client, ["--version"]);
    const major = Number(/version (\d+)/.exec(version.stdout.toString())?.[1]);
    return (major >= 18 && major < 23) || (await runCommand(client, ["buildx", "version"])).ok;
  });
  return (await Promise.all(able)).includes(true);
}

export function standInScript(): string {
  return path.join(packageRoot(), "assets/base/make.sh");
}

async function readBridgeMtu(): Promise<number | undefined> {
  const text = await docker(["network", "inspect", "bridge", "--format", '{{index .Options "com.docker.network.driver.mtu"}}']).catch(
    () => "",
  );
  return Number.parseInt(text, 10) || undefined;
}

/** MTU of the interface of the default route; known on Linux only. */
function readUplinkMtu(): number | undefined {
  try {
    const route = readFileSync("/proc/net/route", "utf8")
      .split("\n")
      .map((line) => line.split("\t"));
    const uplink = route.find((fields) => fields[1] === "00000000")?.[0];
    return uplink === undefined ? undefined : Number(readFileSync(`/sys/class/net/${uplink}/mtu`, "utf8"));
  } catch {
    return undefined;
  }
}

/** File with the certificates this machine trusts in addition to the public ones. */
export function findCaBundle(environment: NodeJS.ProcessEnv): string | undefined {
  const system = "/etc/ssl/certs/ca-certificates.crt";
  const own = "/usr/local/share/ca-certificates";
  const added = existsSync(own) && readdirSync(own).some((name) => name.endsWith(".crt"));
  return [environment.SSL_CERT_FILE, added ? system : undefined, environment.NODE_EXTRA_CA_CERTS].find(
    (file) => file !== undefined && existsSync(file),
  );
}

async function accepts(listen: string): Promise<boolean> {
  const separator = listen.lastIndexOf(":");
  const host = listen.slice(0, separator).replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({ host: host === "0.0.0.0" ? "127.0.0.1" : host, port: Number(listen.slice(separator + 1)), timeout: 2_000 });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket
      .once("connect", () => answer(true))
      .once("error", () => answer(false))
      .once("timeout", () => answer(false));
  });
}
