import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { appendFileSync, closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../process/run-program";
import { OperatorError } from "../console/operator-error";
import type { Installation } from "./installation";
import type { MachineFacts } from "./machine-facts";

const LOG = "/var/log/dockerd.log";
const PID_FILE = "/var/run/docker.pid";

/** After a plain `su`, root's PATH may lack the directories of system programs. */
const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

/** How long an engine may take to answer, in milliseconds; its first start on a slow disk took 15 s. */
const ENGINE_START = 90_000;

/**
 * Installs and starts what was planned. It resumes an interrupted installation.
 *
 * @throws OperatorError with the output of the package manager or the engine.
 */
export async function install(
  { packages, whereAvailable, startEngine }: Installation,
  { systemd }: Pick<MachineFacts["system"], "systemd">,
  say: (line: string) => void,
): Promise<void> {
  if (packages.length > 0) {
    say("looking for packages");
    await apt(["update"]);
    const wanted = [...packages, ...(await available(whereAvailable))];
    say(`installing ${wanted.join(", ")}`);
    await must("dpkg", ["--configure", "-a"]);
    await apt(["install", "--yes", "--no-install-recommends", "--no-remove", ...wanted]);
  }
  if (startEngine) await start(systemd, say);
}

async function available(packages: readonly string[]): Promise<string[]> {
  const found = packages.map(async (name) => ((await runCommand("apt-cache", ["show", "--no-all-versions", name])).ok ? [name] : []));
  return (await Promise.all(found)).flat();
}

async function apt(args: readonly string[]): Promise<void> {
  await must("apt-get", ["--quiet", "--option", "DPkg::Lock::Timeout=300", ...args]);
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const result = await runCommand(program, args, { environment: { DEBIAN_FRONTEND: "noninteractive", PATH } });
  if (result.ok) return;
  const said = `${result.stdout.toString("utf8")}\n${result.stderr}`.trim().split("\n").slice(-15).join("\n");
  throw new OperatorError(
    `${program} failed:\n${said}\nfix the cause (network, package sources, proxy of apt), then run the same command again; what is installed stays`,
    1,
  );
}

/** Starts the engine, unless the package has started it. Without systemd it is a process that outlives this program. */
async function start(systemd: boolean, say: (line: string) => void): Promise<void> {
  if (await answers()) return;
  say("starting the Docker engine");
  if (systemd) await must("systemctl", ["enable", "--now", "docker"]);
  const daemon = systemd ? undefined : startDaemon();
  const began = Date.now();
  for (; Date.now() - began < ENGINE_START && (daemon?.exitCode ?? null) === null; await sleep(500)) if (await answers()) return;
  const log = systemd
    ? (await runCommand("journalctl", ["--unit", "docker", "--lines", "15", "--no-pager"])).stdout.toString("utf8")
    : tail();
  const where = systemd ? "journalctl -u docker" : LOG;
  throw new OperatorError(
    `the Docker engine was started and does not answer after ${Math.round((Date.now() - began) / 1000)} s; the last of ${where}:\n${log.trimEnd()}\nfix the cause, then run the same command again`,
    1,
  );
}

/** Starts dockerd; returns undefined when one is already starting. */
function startDaemon(): ChildProcess | undefined {
  if (heldByDaemon()) return undefined;
  rmSync(PID_FILE, { force: true });
  const log = openSync(LOG, "a", 0o600);
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log], cwd: "/", env: { ...process.env, PATH } });
  daemon.once("error", (error) => appendFileSync(LOG, `${error.message}\n`)).unref();
  closeSync(log);
  return daemon;
}

/** Whether the PID file names a running dockerd: after a power failure its id may belong to another program. */
function heldByDaemon(): boolean {
  try {
    return readFileSync(`/proc/${readFileSync(PID_FILE, "utf8").trim()}/comm`, "utf8").trim() === "dockerd";
  } catch {
    return false;
  }
}

async function answers(): Promise<boolean> {
  return (await runCommand("docker", ["version", "--format", "{{.Server.Version}}"], { timeout: 10_000 })).ok;
}

function tail(): string {
  return readFileSync(LOG, "utf8").trimEnd().split("\n").slice(-15).join("\n");
}
