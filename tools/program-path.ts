import { delimiter } from "node:path";
import { OperatorError } from "../cli/console/operator-error";
import { ProgramCache, userCacheHome } from "../cli/packages/program-cache";
import type { ProgramName } from "../cli/packages/program-packages";

/**
 * Prints a PATH for the named programs (`git jq`), which the system lacks. It unpacks their packages into this user's cache,
 * unless they are there, and reports the progress on stderr.
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
