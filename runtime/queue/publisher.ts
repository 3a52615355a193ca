import { randomUUID } from "node:crypto";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import type { Agent, RoutingConfiguration, StageMessage } from "../contract";
import { closeBroker, openBroker } from "./broker-connection";
import type { BrokerConfiguration } from "./broker-connection";
import { celeryMessage } from "./celery-message";

export type PublisherConfiguration = BrokerConfiguration & RoutingConfiguration;

/** A message and the agent, which decides its queue; an outbox row is one. */
export interface Publishable {
  readonly body: StageMessage;
  readonly agent: Agent;
}

/** Publishes with confirmation. It connects with the first message and again after every loss. */
export interface Publisher {
  /**
   * Resolves when the broker has taken responsibility.
   *
   * @throws UnroutableError when no queue is bound; the broker's or the network's error otherwise.
   */
  publish(message: Publishable): Promise<void>;
  /** Proves that the broker answers and has our exchange. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The broker has no queue for the message. */
export class UnroutableError extends Error {
  constructor(exchange: string, routingKey: string) {
    super(
      `the exchange "${exchange}" has no queue bound with "${routingKey}": load the broker's definitions, or correct the queue names (CELERY_DEFAULT_QUEUE, SPEC_WORKFLOW_CODEX_QUEUE, GEMINI_CELERY_QUEUE)`,
    );
    this.name = "UnroutableError";
  }
}

/** A broker under a memory or disk alarm blocks publishers without an error. */
const CONFIRM_TIMEOUT = 10_000;

interface Session {
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
  /** Messages the broker sent back before it confirmed them. */
  readonly returned: Set<string>;
}

export function openPublisher(config: PublisherConfiguration, name = "codex-fleet publisher"): Publisher {
  let session: Promise<Session> | undefined;
  const current = (): Promise<Session> => (session ??= openSession(config, name, forget));
  const forget = (): void => {
    session = undefined;
  };
  // After a failure the connection is dropped: the next message opens a new one.
  const drop = async (): Promise<void> => {
    const open = await session?.catch(() => undefined);
    forget();
    if (open !== undefined) await closeBroker(open.connection);
  };

  return {
    async publish(message) {
      const id = randomUUID();
      const { exchange, routingKey, content, options } = celeryMessage(message.body, message.agent, id, config);
      try {
        const { channel, returned } = await current();
        await confirmed((done) => channel.publish(exchange, routingKey, content, options, done));
        if (!returned.delete(id)) return;
      } catch (error) {
        await drop();
        throw error;
      }
      throw new UnroutableError(exchange, routingKey);
    },
    async check() {
      try {
        const { connection } = await current();
        const channel = await connection.createChannel();
        channel.on("error", () => undefined);
        await within(channel.checkExchange(config.CELERY_DEFAULT_EXCHANGE), "the broker did not answer");
        await channel.close();
      } catch (error) {
        await drop();
        throw error;
      }
    },
    close: drop,
  };
}

async function openSession(config: PublisherConfiguration, name: string, forget: () => void): Promise<Session> {
  let connection: ChannelModel | undefined;
  try {
    connection = await openBroker(config, name);
    const returned = new Set<string>();
    const channel = await connection.createConfirmChannel();
    channel.on("return", (message) => returned.add(String(message.properties.messageId)));
    channel.on("error", () => undefined);
    channel.once("close", forget);
    return { connection, channel, returned };
  } catch (error) {
    forget();
    if (connection !== undefined) await closeBroker(connection);
    throw error;
  }
}

function confirmed(publish: (done: (error: unknown) => void) => void): Promise<void> {
  const answer = new Promise<void>((resolve, reject) => {
    publish((error) => {
      if (error === null || error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error(`the broker refused the message: ${String(error)}`));
    });
  });
  return within(
    answer,
    "the broker did not confirm the message: a memory or disk alarm blocks publishers, see `rabbitmq-diagnostics alarms`",
  );
}

async function within<T>(answer: Promise<T>, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} (waited ${CONFIRM_TIMEOUT / 1000} s)`)), CONFIRM_TIMEOUT);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
