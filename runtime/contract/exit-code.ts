/** Exit codes of everything that runs inside the containers, after sysexits.h. */
export const ExitCode = {
  /** Done, or a failure that was recorded: the message is acknowledged. */
  OK: 0,
  /** The message or the input makes no sense: it is rejected to the dead letters. */
  DATA: 65,
  /** A service stayed away: nothing was lost, try again. */
  UNAVAILABLE: 69,
  /** A service went away in the middle of a stage: keep the message, back off, run again. */
  TEMPORARY: 75,
  /** Configuration or image are wrong: a person has to mend it. */
  CONFIGURATION: 78,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
