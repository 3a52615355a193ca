import { pino } from "pino";
import type { Logger, LoggerOptions } from "pino";
import { ConfigurationError, ExitCode, readConfiguration } from "../contract";
import { openPublisher } from "../queue";
import { openDatabase } from "../store";
import { listenAddress, readApiConfiguration } from "./api-configuration";
import type { ApiConfiguration } from "./api-configuration";
import { startBackgroundWork } from "./background-work";
import { buildApi } from "./build-api";
import { DatabaseUnavailableError, isRefusal, migrateWhenReady } from "./wait-for-database";

/**
 * The API's whole life: configuration, migration, listening, until `stopped` is aborted.
 *
 * @returns the exit code.
 */
export async function runApi(environment: Readonly<Record<string, string | undefined>>, stopped: AbortSignal): Promise<number> {
  let config: ApiConfiguration;
  try {
    config = readApiConfiguration(environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const logger = apiLogger("info", "");
    for (const problem of error.problems) logger.fatal({ variable: problem.name }, `${problem.name}: ${problem.message}`);
    return ExitCode.CONFIGURATION;
  }
  const password = () => readConfiguration(["POSTGRES_PASSWORD"], environment).POSTGRES_PASSWORD;
  return serve(config, password, apiLogger(config.LOG_LEVEL, config.FLEET_ENVIRONMENT), stopped);
}

async function serve(config: ApiConfiguration, password: () => string | undefined, logger: Logger, stopped: AbortSignal): Promise<number> {
  const db = openDatabase(config, { connections: 10, application: "codex-fleet api", password });
  const publisher = openPublisher(config, "codex-fleet api");
  try {
    const schema = await migrateWhenReady(db, config.FLEET_WAIT_TIMEOUT, logger);
    const context = { db, publisher, config, logger };
    const app = buildApi(context);
    const address = await app.listen(listenAddress(config.FLEET_API_LISTEN));
    const work = startBackgroundWork(context);
    logger.info({ address, schema }, "ready");
    if (!stopped.aborted) await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
    logger.info("stopping");
    await app.close();
    await work.stop();
    return ExitCode.OK;
  } catch (error) {
    logger.fatal({ err: error }, (error as Error).message);
    return exitCode(error);
  } finally {
    await publisher.close();
    await db.destroy();
  }
}

function exitCode(error: unknown): number {
  if (error instanceof DatabaseUnavailableError) return ExitCode.UNAVAILABLE;
  const { code } = error as { code?: string };
  if (isRefusal(error) || code === "EADDRINUSE" || code === "EADDRNOTAVAIL" || code === "EACCES") return ExitCode.CONFIGURATION;
  return 1;
}

function apiLogger(level: string, environment: string): Logger {
  const options = {
    level,
    base: { service: "api", environment },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ["req.headers.authorization", "headers.authorization", "*.password", "*.token"],
  } satisfies LoggerOptions;
  // Synchronous: by default pino writes in the background, and a fatal line overtakes the lines before it.
  return pino(options, pino.destination({ dest: 1, sync: true }));
}
