/** Exit codes of everything that runs inside the containers, after sysexits.h. */
export const ExitCode = {
  /** Done, or a failure that was recorded: the message is acknowledged. */
  OK: 0,
  /** The message or the input makes no sense: it is rejected to the dead letters. */
  DATA: 65,
  /** A service stayed unreachable: nothing was lost, try again. */
  UNAVAILABLE: 69,
  /** A service became unreachable during a stage: keep the message, back off, run again. */
  TEMPORARY: 75,
  /** The configuration or the image is wrong: a person has to fix it. */
  CONFIGURATION: 78,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
