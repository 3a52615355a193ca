import { execa } from "execa";
import { OperatorError } from "../operator-error";

/**
 * Runs the Docker command line, which knows the operator's context, and answers with what it wrote.
 *
 * @throws OperatorError with the engine's own words.
 */
export async function docker(args: readonly string[], input?: Buffer): Promise<string> {
  return (await dockerBytes(args, input)).toString("utf8").trimEnd();
}

/** The same for answers that are not text. */
export async function dockerBytes(args: readonly string[], input?: Buffer): Promise<Buffer> {
  const result = await execa("docker", args, {
    ...(input === undefined ? { stdin: "ignore" as const } : { input }),
    encoding: "buffer",
    reject: false,
    stripFinalNewline: false,
  });
  if (!result.failed) return Buffer.from(result.stdout);
  const said = Buffer.from(result.stderr ?? [])
    .toString("utf8")
    .trim();
  throw new OperatorError(`docker ${args[0]} failed: ${said || result.shortMessage}`, 1);
}
