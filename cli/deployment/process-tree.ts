import path from "node:path";
import { runCommand } from "../command";

/** A line of `ps -A -o pid=,ppid=,comm=`. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly program: string;
}

export function parseProcessList(text: string): ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, program] = /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    return program === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), program: path.basename(program) }];
  });
}

/** Processes of one program below another process, at any depth. */
export function descendants(entries: readonly ProcessEntry[], root: number, program: string): number[] {
  return entries
    .filter((entry) => entry.parent === root)
    .flatMap((entry) => [...(entry.program === program ? [entry.pid] : []), ...descendants(entries, entry.pid, program)]);
}

export async function listProcesses(): Promise<ProcessEntry[]> {
  return parseProcessList((await runCommand("ps", ["-A", "-o", "pid=,ppid=,comm="])).stdout.toString("utf8"));
}
