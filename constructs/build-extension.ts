import { ImageLayout } from "../runtime/contract";

/** Stage of an extended Dockerfile that is built in place of the one it extends. */
export const EXTENDED_STAGE = "extended";

/** What is wrong with Dockerfile instructions that are to extend an image, or undefined. */
export function extensionProblem(instructions: string): string | undefined {
  const lines = instructions.split(/\r?\n/).map((line) => line.trim());
  const statements = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (statements.length === 0) return "must hold at least one Dockerfile instruction, such as RUN, got none";
  const from = lines.findIndex((line) => /^FROM\s/i.test(line));
  if (from >= 0) return `must extend the worker image and not begin another: no FROM, got one in its line ${from + 1}`;
  if (statements.at(-1)!.endsWith("\\")) return "must end with a whole instruction, got a last line that goes on with a backslash";
  return undefined;
}

/**
 * A Dockerfile with one stage more: the instructions, run as root, on top of a stage. Account, directory and command
 * are the stage's again behind them, and programs that would change the user lose the right to.
 */
export function extendDockerfile(dockerfile: string, stage: string, instructions: string): string {
  return `${dockerfile.trimEnd()}

FROM ${stage} AS ${EXTENDED_STAGE}
USER root
${instructions.trim()}
USER root
RUN find / -xdev -type f -perm /6000 -exec chmod a-s {} +
WORKDIR /home/app
USER 1000:1000
ENTRYPOINT []
CMD ["node", "${ImageLayout.runtime}/worker.js"]
`;
}
