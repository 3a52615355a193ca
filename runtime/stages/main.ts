import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import pino from "pino";
import type { Logger } from "pino";
import { Codex, Gemini } from "../agents";
import type { CodingAgent } from "../agents";
import { ConfigurationError, ExitCode, geminiCredential, stageDurations, StageMessage } from "../contract";
import type { Agent } from "../contract";
import { openPublisher } from "../queue";
import { openDatabase } from "../store";
import { readStageConfiguration } from "./stage-configuration";
import type { StageConfiguration } from "./stage-configuration";
import { runStage } from "./stage-runner";

/** Time after the hard limit to record that it was reached, in milliseconds. After that the process exits in any case. */
const LAST_RESORT = 60_000;

/** Reads a message as JSON from stdin; the exit code tells the worker how to answer the broker. */
async function main(): Promise<number> {
  const config = configuration();
  const log = pino(
    { level: config.LOG_LEVEL, base: { name: "stage", environment: config.FLEET_ENVIRONMENT } },
    pino.destination({ dest: 1, sync: true }),
  );
  const message = parseMessage(await text(process.stdin), log);
  if (message === null) return ExitCode.DATA;

  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  const { hard } = stageDurations(config.SPEC_WORKFLOW_STAGE_TIMEOUT);
  setTimeout(() => process.exit(1), hard + LAST_RESORT).unref();

  const db = openDatabase(config, { connections: 2, application: "codex-fleet stage" });
  const publisher = openPublisher(config, "codex-fleet stage");
  try {
    return await runStage(message, {
      db,
      publisher,
      config,
      agents: agents(config),
      log,
      holder: `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`,
      stop: stop.signal,
    });
  } catch (error) {
    log.fatal({ runId: message.runId, stage: message.stage, attempt: message.attempt, err: error }, "the stage ended unexpectedly");
    return 1;
  } finally {
    await Promise.allSettled([publisher.close(), db.destroy()]);
  }
}

function configuration(): StageConfiguration {
  try {
    return readStageConfiguration(process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${JSON.stringify({ level: 60, name: "stage", msg: "the configuration is wrong", problems: error.problems })}\n`);
    process.exit(ExitCode.CONFIGURATION);
  }
}

function parseMessage(body: string, log: Logger): StageMessage | null {
  let reason: string;
  try {
    const parsed = StageMessage.safeParse(JSON.parse(body));
    if (parsed.success) return parsed.data;
    reason = parsed.error.issues.map((issue) => `${issue.path.join(".") || "message"}: ${issue.message}`).join("; ");
  } catch (error) {
    reason = (error as Error).message;
  }
  log.error({ body: body.slice(0, 1_024), reason }, "the message is invalid: it is rejected");
  return null;
}

function agents(config: StageConfiguration): Readonly<Record<Agent, () => CodingAgent>> {
  return {
    codex: () =>
      new Codex({
        auth: config.CODEX_AUTH,
        codexHome: config.CODEX_VOLUME_PATH,
        model: config.CODEX_MODEL,
        providerUrl: config.CODEX_PROVIDER_URL,
        apiKey: config.OPENAI_API_KEY,
        environment: process.env,
      }),
    gemini: () =>
      new Gemini({
        apiKey: geminiCredential({
          geminiKey: config.GEMINI_API_KEY,
          googleKey: config.GOOGLE_API_KEY,
          baseUrl: config.GOOGLE_GEMINI_BASE_URL,
        })?.key,
        model: config.GEMINI_MODEL,
        baseUrl: config.GOOGLE_GEMINI_BASE_URL,
        environment: process.env,
      }),
  };
}

void main().then((code) => process.exit(code));
