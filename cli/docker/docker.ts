import { runCommand } from "../process/run-program";
import { OperatorError } from "../console/operator-error";

/**
 * Runs the Docker command line, which knows the operator's context, and returns its output.
 *
 * @throws OperatorError with Docker's error message.
 */
export async function docker(args: readonly string[], input?: Buffer): Promise<string> {
  return (await dockerBytes(args, input)).toString("utf8").trimEnd();
}

/** The same for output that is not text. */
export async function dockerBytes(args: readonly string[], input?: Buffer): Promise<Buffer> {
  const result = await runCommand("docker", args, input === undefined ? {} : { input });
  if (result.ok) return result.stdout;
  throw new OperatorError(`docker ${args[0]} failed: ${result.stderr}`, 1);
}
