import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

/** How this program was called, and from where. */
export interface Invocation {
  /** Its file, with links followed. */
  readonly file: string;
  readonly workingDirectory: string;
  /** The checkout of this package that the file belongs to; undefined where the package is installed. */
  readonly checkout: string | undefined;
  /** Directories of `PATH`. */
  readonly searchPath: readonly string[];
  /** `npm_config_user_agent`: the package manager that runs it. */
  readonly packageManager: string | undefined;
  /** The file a path leads to with links followed; undefined when there is none. */
  readonly follow: (file: string) => string | undefined;
}

const PROGRAM = "codex-fleet";

/** The words that call this program again from where it was called. */
export function commandName(invocation: Invocation): string {
  const { file, workingDirectory, checkout, searchPath, packageManager = "", follow } = invocation;
  if (checkout !== undefined) return isWithin(workingDirectory, checkout) ? "npm run -s fleet --" : `node ${file}`;
  if (file.includes("/_npx/")) return "npx cdktf-codex-fleet";
  // Package managers put the directories of a project's programs in front for as long as they run.
  const lasting = searchPath.filter((directory) => !directory.endsWith("node_modules/.bin"));
  if (lasting.some((directory) => follow(path.join(directory, PROGRAM)) === file)) return PROGRAM;
  if (!upwards(workingDirectory).some((directory) => follow(path.join(directory, "node_modules/.bin", PROGRAM)) === file))
    return `node ${file}`;
  if (packageManager.startsWith("pnpm/")) return `pnpm exec ${PROGRAM}`;
  if (packageManager.startsWith("yarn/")) return `yarn ${PROGRAM}`;
  return `npx ${PROGRAM}`;
}

function isWithin(directory: string, parent: string): boolean {
  return directory === parent || directory.startsWith(`${parent}/`);
}

function upwards(directory: string): string[] {
  const parent = path.dirname(directory);
  return parent === directory ? [directory] : [directory, ...upwards(parent)];
}

/** How the operator calls this tool here: every hint that names a command begins with it. */
export const COMMAND_NAME = commandName({
  // Where it is loaded by another program, such as a test, that program's file says nothing.
  file: followed(path.join(__dirname, `../codex-fleet${path.extname(__filename)}`)) ?? __filename,
  workingDirectory: process.cwd(),
  checkout: checkoutAbove(__dirname),
  searchPath: (process.env.PATH ?? "").split(path.delimiter),
  packageManager: process.env.npm_config_user_agent,
  follow: followed,
});

/** A package that is installed has no sources. */
function checkoutAbove(directory: string): string | undefined {
  return upwards(directory).find(
    (each) => existsSync(path.join(each, "cli/codex-fleet.ts")) && existsSync(path.join(each, "package.json")),
  );
}

function followed(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
