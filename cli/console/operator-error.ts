import { CliExitCode } from "./exit-code";

/** Something the operator can mend: shown as its message alone, without a stack. */
export class OperatorError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = CliExitCode.CONFIGURATION,
  ) {
    super(message);
    this.name = "OperatorError";
  }
}

/** The command line itself is wrong. */
export class UsageError extends OperatorError {
  constructor(message: string) {
    super(message, CliExitCode.USAGE);
    this.name = "UsageError";
  }
}
