import { ImageLayout } from "../runtime/contract";

/** Name of the stage with the extension, which is built instead of the stage it extends. */
export const EXTENDED_STAGE = "extended";

/** What is wrong with Dockerfile instructions that extend an image, or undefined. */
export function extensionProblem(instructions: string): string | undefined {
  const lines = instructions.split(/\r?\n/).map((line) => line.trim());
  const statements = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (statements.length === 0) return "must hold at least one Dockerfile instruction, such as RUN, got none";
  const from = lines.findIndex((line) => /^FROM\s/i.test(line));
  if (from >= 0) return `must extend the worker image and not start another one: no FROM allowed, got one in its line ${from + 1}`;
  if (statements.at(-1)!.endsWith("\\")) return "must end with a complete instruction, got a last line that ends with a backslash";
  return undefined;
}

/**
 * Appends a stage to a Dockerfile that runs the instructions as root on top of another stage. After them it restores
 * account, directory and command of that stage, and removes setuid and setgid bits.
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
