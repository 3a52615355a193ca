import { readFileSync } from "node:fs";

/** A process that cannot be taken for another one: numbers come round again, the moment of its start does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Ticks between the machine's start and its own. */
  readonly startTime: string;
  /** Of this start of the machine. */
  readonly boot: string;
}

/** Shell lines that write their process' identity to `$0` before they become the program of `$@`: no moment without it. */
export const RECORD_AND_EXEC = [
  'read -r stat < "/proc/$$/stat"',
  "read -r boot < /proc/sys/kernel/random/boot_id",
  "umask 077",
  'printf "%s\\n%s\\n" "$stat" "$boot" > "$0.$$" && mv "$0.$$" "$0" || exit 74',
  'exec "$@"',
].join("\n");

/** What the lines above wrote; undefined when it is not that. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [stat = "", boot = ""] = text.split("\n");
  const startTime = startTimeOf(stat);
  const pid = Number.parseInt(stat, 10);
  return startTime === undefined || boot === "" || !(pid > 1) ? undefined : { pid, startTime, boot };
}

/** Field 22 of /proc/PID/stat. The second field, a name in brackets, may hold blanks and brackets itself. */
export function startTimeOf(stat: string): string | undefined {
  const state = /^\d+ \(.*\) (.+)$/s.exec(stat)?.[1]?.trim().split(" ");
  return state === undefined || state[0] === "Z" ? undefined : state[19];
}

/** Whether this very process still runs; one that has ended and was not yet waited for does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  try {
    return (
      readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() === identity.boot &&
      startTimeOf(readFileSync(`/proc/${identity.pid}/stat`, "utf8")) === identity.startTime
    );
  } catch {
    return false;
  }
}

export function ownIdentity(): ProcessIdentity {
  const stat = readFileSync("/proc/self/stat", "utf8");
  return parseIdentity(`${stat.trim()}\n${readFileSync("/proc/sys/kernel/random/boot_id", "utf8")}`)!;
}
