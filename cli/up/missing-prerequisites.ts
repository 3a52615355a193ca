import { OperatorError } from "../operator-error";
import type { Prerequisite } from "./prerequisite";

/** Something has to be there before anything is changed, and is not. */
export class MissingPrerequisitesError extends OperatorError {
  constructor(readonly missing: readonly Prerequisite[]) {
    super(`missing: ${missing.map(({ name }) => name).join(", ")}; nothing was changed`);
    this.name = "MissingPrerequisitesError";
  }
}
