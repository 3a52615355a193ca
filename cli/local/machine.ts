import { accessSync, constants, existsSync, readdirSync, statfsSync } from "node:fs";
import path from "node:path";
import { compareVersions, gib, row } from "../console/prerequisite";
import type { Prerequisite } from "../console/prerequisite";
import { findPackageManager } from "../packages/package-manager";
import type { PackageManager } from "../packages/package-manager";
import type { UnpackedProgram } from "../packages/program-cache";
import { installationCommand, PROGRAM_NAMES, PROGRAMS } from "../packages/program-packages";
import type { ProgramName } from "../packages/program-packages";
import { CERTIFICATES, SYSTEM_CERTIFICATES } from "../packages/relocate";
import { runCommand } from "../process/run-program";
import type { Account } from "./account";
import { isListenFree } from "./ports";

/** Paths of the programs that a fleet needs. */
export interface Programs {
  /** PATH of every process of the fleet, with git, jq, npm and erl. */
  readonly path: string;
  /** Variables these programs need when they are not in the directories their packages expect. */
  readonly environment: Readonly<Record<string, string>>;
  /** Python 3.11 or later with venv. */
  readonly python: string;
  /** Start script of RabbitMQ. */
  readonly broker: string;
  /** Erlang's port mapper, epmd. */
  readonly portMapper: string;
  /** Directory of initdb, postgres and pg_isready. */
  readonly postgres: string;
}

/** Where to look for programs. */
export interface ProgramPlaces extends Pick<Programs, "path" | "environment" | "broker" | "portMapper"> {
  /** Directory with a directory for each major version of PostgreSQL. */
  readonly postgres: string;
  /** Unpacked programs that the system lacks. */
  readonly unpacked: readonly UnpackedProgram[];
}

/** The paths of Debian's packages. RabbitMQ's start script in /usr/sbin is not used: it changes the account and the log file. */
export const SYSTEM_PLACES: ProgramPlaces = {
  path: [...new Set([path.dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"])].join(":"),
  environment: {},
  broker: "/usr/lib/rabbitmq/bin/rabbitmq-server",
  portMapper: "epmd",
  postgres: "/usr/lib/postgresql",
  unpacked: [],
};

/**
 * The paths of unpacked packages, followed by those of Debian's installed packages.
 *
 * @param certificates Whether this machine has trusted certificates for programs without their own.
 */
export function placesWith(unpacked: readonly UnpackedProgram[], certificates: boolean): ProgramPlaces {
  const of = (program: ProgramName) => unpacked.find((entry) => entry.program === program);
  const [broker, postgres] = [of("rabbitmq"), of("postgres")];
  const trusting = certificates ? undefined : (of("git") ?? of("python"));
  return {
    path: [...unpacked.map(({ bin }) => bin), SYSTEM_PLACES.path].join(":"),
    environment: trusting === undefined ? {} : { SSL_CERT_FILE: path.join(trusting.directory, CERTIFICATES) },
    broker: path.join(broker?.directory ?? "/", SYSTEM_PLACES.broker),
    portMapper: broker === undefined ? SYSTEM_PLACES.portMapper : path.join(broker.bin, "epmd"),
    postgres: path.join(postgres?.directory ?? "/", SYSTEM_PLACES.postgres),
    unpacked,
  };
}

/** Whether programs find trusted certificates on this system. */
export function hasCertificates(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment["SSL_CERT_FILE"] !== undefined || existsSync(SYSTEM_CERTIFICATES);
}

/** What the local engine found out about this machine before it changes anything. */
export interface LocalMachine {
  readonly places: ProgramPlaces;
  /** Package manager of this machine. */
  readonly packageManager: PackageManager | undefined;
  readonly account: Account;
  readonly platform: string;
  readonly node: string;
  readonly python: { readonly program: string; readonly version: string; readonly venv: boolean } | undefined;
  /** Version of RabbitMQ; undefined when it is not installed or its Erlang is not. */
  readonly broker: string | undefined;
  /** The newest server: its major version, and the directory of its programs. */
  readonly postgres: { readonly version: number; readonly directory: string } | undefined;
  /** Version, or "version unknown"; undefined when the program is missing. */
  readonly npm: string | undefined;
  readonly git: string | undefined;
  readonly jq: string | undefined;
  readonly api: {
    readonly listen: string;
    readonly takenByOther: boolean;
    /** Whether the API may listen on another port, as in a demonstration. */
    readonly movable: boolean;
  };
  /** Free bytes on the instance's disk. */
  readonly freeDisk: number;
  /** Whether the tools are installed already. */
  readonly toolsInstalled: boolean;
}

/** Inspects this machine and changes nothing. */
export async function inspectLocalMachine(needs: {
  readonly account: Account;
  readonly api: {
    readonly listen: string;
    /** Whether our own API listens on it. */
    readonly ours: boolean;
    readonly movable: boolean;
  };
  readonly directory: string;
  /** @default - those of Debian's packages */
  readonly places?: ProgramPlaces;
}): Promise<LocalMachine> {
  const { places = SYSTEM_PLACES, api } = needs;
  const [python, git, jq, npm, broker] = await Promise.all([
    findPython(places),
    said(places, "git", ["--version"]),
    said(places, "jq", ["--version"]),
    said(places, "npm", ["--version"]),
    brokerVersion(places),
  ]);
  return {
    places,
    packageManager: findPackageManager(),
    account: needs.account,
    platform: process.platform,
    node: process.versions.node,
    python,
    broker,
    postgres: findPostgres(places.postgres),
    npm,
    git,
    jq,
    api: { listen: api.listen, takenByOther: !api.ours && !(await isListenFree(api.listen)), movable: api.movable },
    freeDisk: freeDisk(needs.directory),
    toolsInstalled: existsSync(path.join(needs.directory, "tools")),
  };
}

/** The programs of a machine that fulfils all prerequisites. */
export function programsOf({ places, python, postgres }: LocalMachine): Programs {
  const { path, environment, broker, portMapper } = places;
  return { path, environment, broker, portMapper, python: python!.program, postgres: postgres!.directory };
}

/** Programs this machine lacks that can be unpacked from packages. */
export function missingPrograms(machine: LocalMachine): ProgramName[] {
  return PROGRAM_NAMES.filter((name) => !programRow(name, machine).ok);
}

/** Sources: execa needs Node 20.19; Celery's and Spec Kit's wheels Python 3.11; quorum queues with at-least-once dead letters RabbitMQ 3.10. */
const MINIMUM = { node: "20.19.0", python: "3.11.0", broker: "3.10.0", postgres: 15 } as const;
const GIB = 1024 ** 3;
/** The tools take 0.9 GiB, and during the installation their downloads as much again; later only data and logs grow. */
const DISK = { install: 2.5 * GIB, run: 0.5 * GIB } as const;

/** The prerequisites of the local engine, checked against what was found. */
export function localPrerequisites(machine: LocalMachine): Prerequisite[] {
  const system = row(
    "System",
    machine.platform === "linux",
    machine.platform,
    "linux",
    "the local engine runs only on Linux: use Docker on this system",
  );
  if (!system.ok) return [system];
  const disk = machine.toolsInstalled ? DISK.run : DISK.install;
  return [
    system,
    row(
      "Account",
      machine.account.name !== undefined,
      machine.account.name ?? `uid ${machine.account.uid}, which has no name`,
      "a user this machine knows, not root",
      "run it as a user of /etc/passwd",
    ),
    row("Node.js", compareVersions(machine.node, MINIMUM.node) >= 0, machine.node, ">= 20.19", "install Node.js 20.19 or later"),
    row("npm", machine.npm !== undefined, machine.npm ?? "none", "the npm that comes with Node.js", "install npm"),
    ...PROGRAM_NAMES.map((name) => programRow(name, machine)),
    portRow(machine.api),
    row(
      "Disk",
      machine.freeDisk >= disk,
      `${gib(machine.freeDisk)} free`,
      `>= ${gib(disk)}`,
      "free space, or set XDG_DATA_HOME to another disk",
    ),
  ];
}

function programRow(name: ProgramName, machine: LocalMachine): Prerequisite {
  const { ok, found, required } = judge(name, machine);
  const service = name === "rabbitmq" ? "rabbitmq-server" : name === "postgres" ? "postgresql" : undefined;
  const unused = service && ` (its service is not used and may be stopped: systemctl disable --now ${service})`;
  const fix = `${installationCommand(machine.packageManager, [name])}${unused ?? ""}`;
  const where = machine.places.unpacked.some(({ program }) => program === name) ? " (unpacked)" : "";
  return row(PROGRAMS[name].label, ok, `${found ?? "none"}${where}`, required, fix);
}

function judge(
  name: ProgramName,
  { python, broker, postgres, ...machine }: LocalMachine,
): { readonly ok: boolean; readonly found: string | undefined; readonly required: string } {
  switch (name) {
    case "rabbitmq":
      return {
        ok: broker !== undefined && (!/^\d/.test(broker) || compareVersions(broker, MINIMUM.broker) >= 0),
        found: broker,
        required: ">= 3.10, Debian's package",
      };
    case "postgres":
      return {
        ok: postgres !== undefined && postgres.version >= MINIMUM.postgres,
        found: postgres && String(postgres.version),
        required: ">= 15, Debian's package",
      };
    case "python":
      return {
        ok: python !== undefined && python.venv && compareVersions(python.version, MINIMUM.python) >= 0,
        found: python && `${python.version}${python.venv ? "" : " without venv"}`,
        required: ">= 3.11 with venv",
      };
    case "git":
    case "jq":
      return { ok: machine[name] !== undefined, found: machine[name], required: name };
  }
}

function portRow({ listen, takenByOther, movable }: LocalMachine["api"]): Prerequisite {
  const name = `Port ${listen}`;
  if (takenByOther && movable) return row(name, true, "taken by another program; the API will take another port", "free, or any other", "");
  return row(
    name,
    !takenByOther,
    takenByOther ? "taken by another program" : "free or ours",
    "free",
    'stop that program (is the fleet up on Docker?), or choose another port with [api] listen = "127.0.0.1:PORT"',
  );
}

/** The newest PostgreSQL server in a directory that has one for each major version. */
export function findPostgres(below: string): LocalMachine["postgres"] {
  const versions = existsSync(below) ? readdirSync(below).filter((name) => existsSync(path.join(below, name, "bin", "postgres"))) : [];
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  return newest === undefined ? undefined : { version: newest, directory: path.join(below, String(newest), "bin") };
}

/** The first suitable Python; else the first one found. */
async function findPython(places: ProgramPlaces): Promise<LocalMachine["python"]> {
  const directories = [...new Set([...(process.env["PATH"] ?? "").split(":"), ...places.path.split(":")])];
  const programs = directories.map((directory) => path.join(directory, "python3")).filter(isExecutable);
  let first: LocalMachine["python"];
  for (const program of programs) {
    const test =
      "import sys\ntry:\n import venv, ensurepip\n v = 1\nexcept ImportError:\n v = 0\nprint('%d.%d.%d' % sys.version_info[:3], v)";
    const result = await runCommand(program, ["-c", test], { cwd: "/", environment: places.environment, timeout: 10_000 });
    const [, version, venv] = /^(\d+\.\d+\.\d+) ([01])/.exec(result.stdout.toString("utf8")) ?? [];
    if (version === undefined) continue;
    const found = { program, version, venv: venv === "1" };
    if (found.venv && Number(version.split(".")[1]) >= 11) return found;
    first ??= found;
  }
  return first;
}

async function brokerVersion(places: ProgramPlaces): Promise<string | undefined> {
  if (!existsSync(places.broker) || (await said(places, "erl", ["-version"])) === undefined) return undefined;
  const unpacked = places.unpacked.find(({ program }) => program === "rabbitmq");
  if (unpacked !== undefined) return unpacked.version;
  const result = await runCommand("dpkg-query", ["-W", "-f=${Version}", "rabbitmq-server"]);
  return result.ok ? result.stdout.toString("utf8").trim() : "version unknown";
}

/** The version a program reports; undefined when it cannot be run. */
async function said({ path: PATH, environment }: ProgramPlaces, program: string, args: readonly string[]): Promise<string | undefined> {
  const result = await runCommand(program, args, { cwd: "/", environment: { PATH, ...environment }, timeout: 10_000 });
  if (!result.ok) return undefined;
  return /\d+(\.\d+)+\S*/.exec(`${result.stdout.toString("utf8")} ${result.stderr}`)?.[0] ?? "version unknown";
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function freeDisk(directory: string): number {
  for (let existing = directory; ; existing = path.dirname(existing)) {
    if (!existsSync(existing)) continue;
    const { bavail, bsize } = statfsSync(existing);
    return bavail * bsize;
  }
}
