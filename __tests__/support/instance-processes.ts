import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/** A process of a local engine's instance. */
export interface InstanceProcess {
  readonly pid: number;
  readonly uid: number;
  readonly service: string;
  /** Whether it is the process the service was started as. */
  readonly main: boolean;
  /** Command line, which every user of the machine can read. */
  readonly visible: string;
}

/** Every process of the instance, recognized by its environment, whoever started it. */
export function instanceProcesses(instance: string): InstanceProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const variables = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
        const mark = variables.find((variable) => variable.startsWith(`CODEX_FLEET_SERVICE=${instance}:`))?.split(":");
        if (mark === undefined) return [];
        const [service, , , main] = mark.slice(-4);
        const { uid } = statSync(`/proc/${name}`);
        return [{ pid: Number(name), uid, service: service!, main: main === name, visible: readFileSync(`/proc/${name}/cmdline`, "utf8") }];
      } catch {
        return [];
      }
    });
}

/** Numbers of the services' main processes. */
export function mainProcesses(instance: string): Record<string, number> {
  return Object.fromEntries(
    instanceProcesses(instance)
      .filter(({ main }) => main)
      .map(({ service, pid }) => [service, pid]),
  );
}

/** Addresses these processes listen on: "127.0.0.1 8080". */
export function listening(pids: readonly number[]): string[] {
  const sockets = new Set(
    pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return [/^socket:\[(\d+)\]$/.exec(String(readlinkSync(`/proc/${pid}/fd/${fd}`)))?.[1]];
        } catch {
          return [];
        }
      }),
    ),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && sockets.has(fields[9]))
      .map((fields) => addressOf(fields[1]!)),
  );
}

/** `0100007F:1F90` is "127.0.0.1 8080"; of IPv6 addresses it only recognizes ::1. */
function addressOf(hex: string): string {
  const [address = "", port = ""] = hex.split(":");
  if (address === "00000000000000000000000001000000") return `::1 ${Number.parseInt(port, 16)}`;
  const bytes = address.match(/../g)!.reverse();
  return `${bytes.map((byte) => Number.parseInt(byte, 16)).join(".")} ${Number.parseInt(port, 16)}`;
}

export function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
