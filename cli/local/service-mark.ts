import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalInstance } from "./instance";

/** Variable every process of a service inherits: what its main process leaves behind is found by it. */
const NAME = "CODEX_FLEET_SERVICE";

export function serviceMark(instance: LocalInstance, service: string): Readonly<Record<string, string>> {
  return { [NAME]: `${instance.root}:${service}` };
}

/** Processes that carry the mark of a service. */
export function markedProcesses(instance: LocalInstance, service: string): number[] {
  const mark = Object.entries(serviceMark(instance, service)).map(([name, value]) => `${name}=${value}`)[0]!;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => carries(pid, mark));
}

/** Ends what a service left behind: politely, and after the limit by force. */
export async function endMarkedProcesses(instance: LocalInstance, service: string, limit: number): Promise<void> {
  const deadline = Date.now() + limit;
  for (const pid of markedProcesses(instance, service)) signal(pid, "SIGTERM");
  for (let left = markedProcesses(instance, service); left.length > 0; left = markedProcesses(instance, service)) {
    if (Date.now() > deadline) for (const pid of left) signal(pid, "SIGKILL");
    await sleep(100);
  }
}

/** A signal to a process that may have ended meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function carries(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
  } catch {
    // Another user's, or it has just ended.
    return false;
  }
}
