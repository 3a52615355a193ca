import { parseArgs } from "node:util";
import { ExitCode } from "../contract";
import { logCheck, openLog } from "./log";
import { preflight } from "./preflight";
import { preflightReport } from "./report";

const USAGE = `usage: fleet-preflight [--once] [--json]
       fleet-preflight --cheap

  --once   every check, once, without waiting for broker or database (default)
  --json   the startup profile as JSON on stdout instead of the report
  --cheap  only the tools and the policy, which can have changed since the worker started; changes nothing
Exit code: 0 all checks passed, 78 configuration or image is wrong, 69 broker or database is unreachable.
`;

async function main(): Promise<number> {
  let options: { once?: boolean; json?: boolean; cheap?: boolean; help?: boolean };
  try {
    options = parseArgs({
      options: { once: { type: "boolean" }, json: { type: "boolean" }, cheap: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return ExitCode.CONFIGURATION;
  }
  if (options.help === true) {
    process.stdout.write(USAGE);
    return ExitCode.OK;
  }
  const cheap = options.cheap === true;
  const log = openLog("preflight", process.env);
  const verdict = await preflight({
    environment: process.env,
    depth: cheap ? "cheap" : "full",
    wait: false,
    // The cheap run writes to the worker's log; a person reads the report instead.
    ...(cheap ? { onResult: (result) => result.status === "ok" || logCheck(log, result) } : {}),
  });
  await verdict.database?.destroy();
  if (options.json === true) process.stdout.write(`${JSON.stringify(verdict.checked?.profile ?? { checks: verdict.results }, null, 2)}\n`);
  else if (!cheap) process.stdout.write(preflightReport(verdict.worker, verdict.results));
  return verdict.exitCode;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`preflight stopped: ${error.stack ?? error.message}\n`);
    process.exitCode = 1;
  },
);
