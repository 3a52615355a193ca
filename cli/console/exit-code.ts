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
 * What each code means. 3 is the code of `systemctl status` for a service that does not run; 64, 70 and 78 are from
 * sysexits.h; those above 128 are what a shell reports for a program that a signal ended.
 */
export const EXIT_CODE_MEANINGS: Readonly<Record<CliExitCode, string>> = {
  0: "success",
  1: "the command failed: a deployment or a run failed, or the answer to a question was no",
  2: "`plan`: there is something to change",
  3: "the fleet is down, or one of its services is absent, stopped, starting or unhealthy (`ps`); also for a command that needs a running fleet",
  64: "the command line is wrong: unknown command, option, environment, secret or tool, or an argument is missing",
  70: "a bug in the program: it prints a stack trace, which belongs in a bug report",
  78: "a file, a secret or this machine has to be corrected first; nothing was changed",
  130: "interrupted with Ctrl-C",
  141: "the reader of its output closed the pipe, as `head` does; a command that changes a fleet runs to its end instead",
  143: "ended by SIGTERM",
};
