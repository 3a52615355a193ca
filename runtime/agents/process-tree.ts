import { readdirSync, readFileSync } from "node:fs";

/** One process of the table; `started` tells two processes with the same id apart. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly started: string;
  readonly zombie: boolean;
}

/**
 * Records all descendants of a process over time. An agent's tools run in sessions of their own and get another parent
 * when theirs dies, so neither the process group nor a single look at the end finds them all.
 */
export class ProcessTree {
  private readonly seen = new Map<number, ProcessEntry>();
  private lastLook = 0;

  constructor(
    private readonly root: number,
    private readonly table: () => readonly ProcessEntry[] = readProcessTable,
  ) {}

  /** Records the descendants of the root and of all processes recorded before, unless it did so within `maximumAge`. */
  record(maximumAge = 0): void {
    const now = Date.now();
    if (now - this.lastLook < maximumAge) return;
    this.lastLook = now;
    const table = this.table();
    const alive = new Set(this.alive(table).map((entry) => entry.pid));
    for (const entry of descendants(table, new Set([this.root, ...alive]))) this.seen.set(entry.pid, entry);
  }

  /** Kills every recorded process that still runs, in up to five rounds. */
  kill(): void {
    // A process may start another before it dies; the next round kills that one.
    for (let round = 0; round < 5; round += 1) {
      this.record();
      const rest = this.alive(this.table());
      if (rest.length === 0) return;
      for (const { pid } of rest) sendSignal(pid, "SIGKILL");
    }
  }

  private alive(table: readonly ProcessEntry[]): ProcessEntry[] {
    return table.filter((entry) => !entry.zombie && this.seen.get(entry.pid)?.started === entry.started);
  }
}

/** All entries that descend from one of the roots; a root itself only when it descends from another. */
export function descendants(table: readonly ProcessEntry[], roots: ReadonlySet<number>): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) children.set(entry.parent, [...(children.get(entry.parent) ?? []), entry]);
  const found = new Map<number, ProcessEntry>();
  const open = [...roots];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (found.has(child.pid)) continue;
      found.set(child.pid, child);
      open.push(child.pid);
    }
  }
  return [...found.values()];
}

/** Parses /proc/PID/stat. The command name is in parentheses and may contain any character, also parentheses. */
export function parseStat(pid: number, stat: string): ProcessEntry {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, parent: Number(fields[1]), started: fields[19] ?? "", zombie: fields[0] === "Z" };
}

/** Sends a signal; a process that is already gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function readProcessTable(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      entries.push(parseStat(Number(name), readFileSync(`/proc/${name}/stat`, "utf8")));
    } catch {
      // The process ended after the directory was listed.
    }
  }
  return entries;
}
