import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../console/operator-error";
import type { Project } from "./project";

/** Directory of this tool's files in a project. It contains a .gitignore, so that the project's own needs no line for it. */
const DIRECTORY = ".codex-fleet";

/**
 * Path of a log file, `.codex-fleet/logs/<name>.log`; creates its directory. The caller opens the file with mode 0600,
 * because programs may print what others should not read.
 *
 * @param name What is logged, for example `deploy.dev`.
 * @throws OperatorError when the directory cannot be made.
 */
export function logFile(project: Pick<Project, "root">, name: string): string {
  const own = path.join(project.root, DIRECTORY);
  const logs = path.join(own, "logs");
  try {
    mkdirSync(logs, { recursive: true });
    writeIgnore(path.join(own, ".gitignore"));
  } catch (error) {
    throw new OperatorError(
      `the log of ${name} cannot be kept in ${logs} (${(error as NodeJS.ErrnoException).code}): make ${project.root} writable for this user`,
    );
  }
  return path.join(logs, `${name}.log`);
}

function writeIgnore(file: string): void {
  try {
    writeFileSync(file, "*\n", { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
