import { compareVersions, gib, row } from "../console/prerequisite";
import type { Prerequisite } from "../console/prerequisite";
import type { LocalMachine } from "./local-machine";

const GIB = 1024 ** 3;

/** Sources: execa needs Node 20.19; Celery's and Spec Kit's wheels Python 3.11; quorum queues with at-least-once dead letters RabbitMQ 3.10. */
const MINIMUM = { node: "20.19.0", python: "3.11.0", broker: "3.10.0", postgres: 15 } as const;
/** Tools take 0.9 GiB, their downloads as much for a moment; then only data and logs grow. */
const DISK = { install: 2.5 * GIB, run: 0.5 * GIB } as const;

/** The table of prerequisites of the local engine for what was found on this machine. */
export function localPrerequisites(machine: LocalMachine): Prerequisite[] {
  const { node, python, broker, postgres, api } = machine;
  const disk = machine.toolsInstalled ? DISK.run : DISK.install;
  return [
    row("System", machine.platform === "linux", machine.platform, "linux", "use the Docker engine on this system"),
    row(
      "Account",
      machine.account.name !== undefined,
      machine.account.name ?? `uid ${machine.account.uid}, which has no name`,
      "a user this machine knows, not root",
      "run it as a user of /etc/passwd",
    ),
    row("Node.js", compareVersions(node, MINIMUM.node) >= 0, node, ">= 20.19", "install Node.js 20.19 or later"),
    row("npm", machine.npm !== undefined, machine.npm ?? "none", "the npm that comes with Node.js", "install npm"),
    row(
      "Python",
      python !== undefined && python.venv && compareVersions(python.version, MINIMUM.python) >= 0,
      python === undefined ? "none" : `${python.version}${python.venv ? "" : " without venv"}`,
      ">= 3.11 with venv",
      "apt-get install python3 python3-venv",
    ),
    row(
      "RabbitMQ",
      broker !== undefined && (!/^\d/.test(broker) || compareVersions(broker, MINIMUM.broker) >= 0),
      broker ?? "none",
      ">= 3.10, Debian's package",
      "apt-get install rabbitmq-server (its service is not used and may be stopped: systemctl disable --now rabbitmq-server)",
    ),
    row(
      "PostgreSQL",
      postgres !== undefined && postgres.version >= MINIMUM.postgres,
      postgres === undefined ? "none" : String(postgres.version),
      ">= 15, Debian's package",
      "apt-get install postgresql (its service is not used and may be stopped: systemctl disable --now postgresql)",
    ),
    row("git", machine.git !== undefined, machine.git ?? "none", "git", "apt-get install git"),
    row("jq", machine.jq !== undefined, machine.jq ?? "none", "jq", "apt-get install jq"),
    row(
      `Port ${api.listen}`,
      !api.takenByOther,
      api.takenByOther ? "taken by another program" : "free or ours",
      "free",
      'stop that program (is the fleet up on Docker?), or choose another port with [api] listen = "127.0.0.1:PORT"',
    ),
    row(
      "Disk",
      machine.freeDisk >= disk,
      `${gib(machine.freeDisk)} free`,
      `>= ${gib(disk)}`,
      "free space, or set XDG_DATA_HOME to another disk",
    ),
  ];
}
