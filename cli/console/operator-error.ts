import { ExitCode } from "../../runtime/contract";

/** Something the operator can mend: shown as its message alone, without a stack. */
export class OperatorError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = ExitCode.CONFIGURATION,
  ) {
    super(message);
    this.name = "OperatorError";
  }
}
