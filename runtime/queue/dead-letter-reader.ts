import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Channel, ConsumeMessage } from "amqplib";
import type { Logger } from "pino";
import { deadLetterQueue, queueNames } from "../contract";
import type { RoutingConfiguration } from "../contract";
import { saveDeadLetter } from "../store";
import type { Database, DeadLetter } from "../store";
import { closeBroker, openBroker } from "./broker-connection";
import type { BrokerConfiguration } from "./broker-connection";
import { readCeleryMessage } from "./celery-message";

export interface DeadLetterReaderProps {
  readonly config: BrokerConfiguration & RoutingConfiguration;
  readonly db: Database;
  readonly logger: Logger;
}

const RETRY_MINIMUM = 500;
const RETRY_MAXIMUM = 15_000;

/**
 * Reads the dead-letter queues into the database until it is closed; a dead letter leaves its queue once it is stored.
 * After a loss of the broker or the database the reader reconnects by itself.
 */
export function startDeadLetterReader(props: DeadLetterReaderProps): { close(): Promise<void> } {
  const stop = new AbortController();
  const running = readForever(props, stop.signal);
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** A queue message as the store keeps it. */
export function toDeadLetter(queue: string, message: Pick<ConsumeMessage, "content" | "properties">): DeadLetter {
  const headers = (message.properties.headers ?? {}) as Record<string, unknown>;
  const death = (headers["x-death"] as { reason?: string }[] | undefined)?.[0];
  const messageId: unknown = message.properties.messageId ?? headers["id"];
  return {
    messageId: typeof messageId === "string" ? messageId : `sha256:${createHash("sha256").update(message.content).digest("hex")}`,
    queue,
    reason: String(headers["x-first-death-reason"] ?? death?.reason ?? "unknown"),
    // PostgreSQL's type text cannot hold zero bytes.
    body: message.content.toString("utf8").replaceAll("\0", "\uFFFD"),
    headers,
    message: readCeleryMessage(message.content),
  };
}

async function readForever(props: DeadLetterReaderProps, signal: AbortSignal): Promise<void> {
  let pause = RETRY_MINIMUM;
  while (!signal.aborted) {
    try {
      await readUntilClosed(props, signal, () => {
        pause = RETRY_MINIMUM;
      });
    } catch (error) {
      props.logger.warn({ err: error, retryInMs: pause }, "the dead letters cannot be read, trying again");
    }
    if (signal.aborted) return;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    pause = Math.min(RETRY_MAXIMUM, pause * 2);
  }
}

async function readUntilClosed(props: DeadLetterReaderProps, signal: AbortSignal, reading: () => void): Promise<void> {
  const connection = await openBroker(props.config, "codex-fleet dead letters");
  const closed = new Promise<void>((resolve) => connection.once("close", () => resolve()));
  const close = () => void closeBroker(connection);
  signal.addEventListener("abort", close, { once: true });
  try {
    if (signal.aborted) return;
    for (const queue of queueNames(props.config)) {
      const channel = await connection.createChannel();
      channel.on("error", (error: unknown) => props.logger.warn({ err: error, queue }, "the channel of the dead letters broke"));
      channel.once("close", close);
      await channel.prefetch(10);
      await channel.consume(deadLetterQueue(queue), (message) => {
        // Null means that the queue was deleted: connect anew.
        if (message === null) close();
        else void store(props, channel, queue, message).catch(close);
      });
    }
    reading();
    await closed;
  } finally {
    signal.removeEventListener("abort", close);
    await closeBroker(connection);
  }
}

async function store({ db, logger }: DeadLetterReaderProps, channel: Channel, queue: string, message: ConsumeMessage): Promise<void> {
  const letter = toDeadLetter(queue, message);
  const outcome = await saveDeadLetter(db, letter).catch((error: unknown) => {
    logger.warn({ err: error, queue }, "a dead letter cannot be stored, it stays in its queue");
    throw error;
  });
  channel.ack(message);
  logger.warn({ queue, reason: letter.reason, runId: letter.message?.runId, stage: letter.message?.stage, outcome }, "dead letter");
}
