import { delimiter } from "node:path";
import { OperatorError } from "../cli/console/operator-error";
import { ProgramCache, userCacheHome } from "../cli/packages/program-cache";
import type { ProgramName } from "../cli/packages/program-packages";

/**
 * Prints a search path of programs that the system lacks, by name: `git jq`. Their packages are unpacked into this user's
 * cache where they are not there yet; what happens meanwhile is told on the other output.
 */
async function main(programs: readonly ProgramName[]): Promise<void> {
  const cache = new ProgramCache(userCacheHome());
  const unpacked = await cache.provide(programs, (line) => console.error(line));
  console.log(unpacked.map(({ bin }) => bin).join(delimiter));
}

main(process.argv.slice(2) as ProgramName[]).catch((error: unknown) => {
  console.error(error instanceof OperatorError ? error.message : error);
  process.exitCode = error instanceof OperatorError ? error.exitCode : 1;
});
