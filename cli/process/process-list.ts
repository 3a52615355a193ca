import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./run-program";

/** A process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Name as the kernel shortens it: 15 characters on Linux. */
  readonly program: string;
  /** Working directory and arguments; absent without `/proc`. */
  readonly directory?: string;
  readonly args?: readonly string[];
}

/** Lines of `ps -A -o pid=,ppid=,comm=`. */
export function parseProcessList(text: string): ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, program] = /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    return program === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), program: path.basename(program) }];
  });
}

/** Processes of this machine; on Linux those this user may inspect. It reads `/proc`, since a bare Linux has no `ps`; other systems have no `/proc`. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  if (process.platform !== "linux")
    return parseProcessList((await runCommand("ps", ["-A", "-o", "pid=,ppid=,comm="])).stdout.toString("utf8"));
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(`/proc/${pid}`));
}

function readProcess(directory: string): ProcessEntry[] {
  try {
    const [, pid, program, parent] = /^(\d+) \((.*)\) \S (\d+) /s.exec(readFileSync(`${directory}/stat`, "utf8"))!;
    const details = { directory: readlinkSync(`${directory}/cwd`), args: readFileSync(`${directory}/cmdline`, "utf8").split("\0") };
    return [{ pid: Number(pid), parent: Number(parent), program: program!, ...details }];
  } catch {
    // The process ended meanwhile, or belongs to another user.
    return [];
  }
}
