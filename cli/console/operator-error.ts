import { CliExitCode } from "./exit-code";

/** An error that the operator can correct; only its message is shown, without a stack trace. */
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
