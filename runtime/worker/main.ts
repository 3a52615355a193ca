import { ExitCode, readConfiguration } from "../contract";
import { logCheck, openLog, preflight, preflightReport } from "../preflight";
import { proxiesWithCredentials, startProxyForwarder } from "./proxy-forwarder";
import { StateDirectory } from "./state-directory";
import { runWorker } from "./worker";

const log = openLog("worker", process.env);

async function main(): Promise<number> {
  const stop = new AbortController();
  let checking = true;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      log.info({ signal }, `${signal}: stopping`);
      // The worker consumes nothing yet, so there is no job to wait for.
      if (checking) process.exit(ExitCode.OK);
      stop.abort();
    });
  }

  const state = openState();
  const verdict = await preflight({ environment: process.env, depth: "full", wait: true, onResult: (result) => logCheck(log, result) });
  process.stderr.write(preflightReport(verdict.worker, verdict.results));
  const { checked, database } = verdict;
  const save = async (profile: NonNullable<typeof checked>["profile"]) => {
    if (database === undefined) return;
    const { saveWorker } = await import("../store");
    await saveWorker(database, profile).catch((error: Error) =>
      log.warn(`the startup profile could not be stored in the database: ${error.message}`),
    );
  };
  try {
    if (checked !== undefined) {
      state?.writeProfile(checked.profile);
      // Preflight has already waited for the database: when it was unreachable, do not wait again.
      if (!verdict.results.some(({ id, status }) => id === "database.schema" && status !== "ok")) await save(checked.profile);
    }
    if (verdict.exitCode !== ExitCode.OK || checked === undefined || state === undefined) {
      log.error({ exitCode: verdict.exitCode }, "preflight failed: no job is accepted");
      return verdict.exitCode === ExitCode.OK ? ExitCode.CONFIGURATION : verdict.exitCode;
    }
    const { queueBindings, codexPreflight, speckitCapability, embeddingReadiness } = checked.profile;
    log.info({ queueBindings, codexPreflight, speckitCapability, embeddingReadiness }, "preflight passed");
    checking = false;
    const { PROXY_CREDENTIALS } = readConfiguration(["PROXY_CREDENTIALS"], process.env);
    const proxies = proxiesWithCredentials(process.env, PROXY_CREDENTIALS);
    const forwarder = proxies === undefined ? undefined : await startProxyForwarder(proxies);
    try {
      const environment = { ...process.env, ...forwarder?.environment };
      return await runWorker({ ...checked, environment, state, log, stop: stop.signal, save });
    } finally {
      await forwarder?.close();
    }
  } finally {
    await database?.destroy().catch(() => undefined);
  }
}

/** Undefined when the directory cannot be written or its name is invalid; preflight reports that with all other problems. */
function openState(): StateDirectory | undefined {
  try {
    return new StateDirectory(readConfiguration(["FLEET_STATE_DIRECTORY"], process.env).FLEET_STATE_DIRECTORY);
  } catch {
    return undefined;
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    log.fatal({ err: error }, `the worker stopped: ${error.message}`);
    process.exitCode = 1;
  },
);
