import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

/** How and where this program was called. */
export interface Invocation {
  /** The program's file, with links resolved. */
  readonly file: string;
  readonly workingDirectory: string;
  /** The checkout of this package that contains the file; undefined for an installed package. */
  readonly checkout: string | undefined;
  /** Directories of `PATH`. */
  readonly searchPath: readonly string[];
  /** `npm_config_user_agent`: the package manager that runs the program. */
  readonly packageManager: string | undefined;
  /** Resolves the links of a path; undefined when there is no such file. */
  readonly follow: (file: string) => string | undefined;
}

const PROGRAM = "codex-fleet";

/** The words that call this program again from the same directory. */
export function commandName(invocation: Invocation): string {
  const { file, workingDirectory, checkout, searchPath, packageManager = "", follow } = invocation;
  if (checkout !== undefined) return isWithin(workingDirectory, checkout) ? "npm run -s fleet --" : `node ${file}`;
  if (file.includes("/_npx/")) return "npx cdktf-codex-fleet";
  // While a package manager runs, it puts node_modules/.bin in front of PATH; ignore these directories.
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

/** How the operator calls this tool here. Every hint with a command begins with it. */
export const COMMAND_NAME = commandName({
  // Not process.argv: when another program, such as a test, loads this module, its file is of no use.
  file: followed(path.join(__dirname, `../codex-fleet${path.extname(__filename)}`)) ?? __filename,
  workingDirectory: process.cwd(),
  checkout: checkoutAbove(__dirname),
  searchPath: (process.env.PATH ?? "").split(path.delimiter),
  packageManager: process.env.npm_config_user_agent,
  follow: followed,
});

/** The checkout above a directory, recognized by its sources, which an installed package does not have. */
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
