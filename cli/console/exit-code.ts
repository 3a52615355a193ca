import { ExitCode } from "../../runtime/contract/exit-code";

/** Exit codes of the command line; docs/command-line.md prints them with their meanings. */
export const CliExitCode = {
  OK: 0,
  FAILED: 1,
  CHANGES: 2,
  NOT_RUNNING: 3,
  USAGE: 64,
  SOFTWARE: 70,
  CONFIGURATION: ExitCode.CONFIGURATION,
  INTERRUPTED: 130,
  CLOSED_PIPE: 141,
  TERMINATED: 143,
} as const;
export type CliExitCode = (typeof CliExitCode)[keyof typeof CliExitCode];

/**
 * What each code means. 3 is what `systemctl status` says of a service that does not run, 64, 70 and 78 are from
 * sysexits.h, those from 128 on are what a shell says of a program that a signal ended.
 */
export const EXIT_CODE_MEANINGS: Readonly<Record<CliExitCode, string>> = {
  0: "done; the fleet is as it was asked for",
  1: "it was tried and did not come to a good end: a deployment or a run failed, or the answer to a question was no",
  2: "`plan`: there is something to change",
  3: "the fleet is down, or a part of it is absent, stopped, starting or ill (`ps`); a command that needs it up says the same",
  64: "the command line is wrong: unknown command, option, environment, secret or tool, or an argument is absent",
  70: "a fault of the program itself: it ends with a stack, which belongs into a bug report",
  78: "a file, a secret or this machine has to be mended first; nothing was changed",
  130: "interrupted with Ctrl-C",
  141: "the reader of its output went away, as `head` does; a command that changes a fleet goes on to its end instead",
  143: "ended by SIGTERM",
};
