import type { ChannelModel } from "amqplib";
import { queueNames } from "../contract";
import type { RoutingConfiguration } from "../contract";
import { closeBroker, openBroker } from "./broker-connection";
import type { BrokerConfiguration } from "./broker-connection";

/** What a consumer can find out about a queue. */
export interface QueueInspection {
  readonly queue: string;
  readonly exists: boolean;
  /** Null for a queue that does not exist; `unknown` when the broker's answer does not tell the type. */
  readonly type: "quorum" | "classic" | "unknown" | null;
  readonly messages: number;
  readonly consumers: number;
}

/**
 * Inspects queues with no other right than to consume from them.
 *
 * AMQP cannot ask for a queue's type, and declaring with the expected arguments would need the right to configure.
 * But quorum queues refuse a consumer on a channel with a global prefetch limit (540, `does not support global qos`)
 * before they deliver a message, and classic queues accept it. A classic queue may deliver one message, which returns
 * to it when the connection closes; classic queues do not count deliveries.
 *
 * @param queues @default every queue of the fleet
 * @throws the broker's error when it cannot be reached or refuses us.
 */
export async function inspectQueues(
  config: BrokerConfiguration & RoutingConfiguration,
  queues: readonly string[] = queueNames(config),
): Promise<QueueInspection[]> {
  return Promise.all(queues.map((queue) => inspectQueue(config, queue)));
}

async function inspectQueue(config: BrokerConfiguration, queue: string): Promise<QueueInspection> {
  const connection = await openBroker(config, `codex-fleet inspects ${queue}`);
  try {
    const channel = await connection.createChannel();
    channel.on("error", () => undefined);
    const { messageCount, consumerCount } = await channel.checkQueue(queue);
    return { queue, exists: true, type: await queueType(connection, queue), messages: messageCount, consumers: consumerCount };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { queue, exists: false, type: null, messages: 0, consumers: 0 };
  } finally {
    await closeBroker(connection);
  }
}

/** For a quorum queue this closes the connection: the broker answers 540, which is a connection error. */
async function queueType(connection: ChannelModel, queue: string): Promise<"quorum" | "classic" | "unknown"> {
  const refusal = new Promise<Error>((resolve) => connection.once("error", resolve));
  try {
    const channel = await connection.createChannel();
    channel.on("error", () => undefined);
    await channel.prefetch(1, true);
    await channel.consume(queue, () => undefined);
    return "classic";
  } catch (error) {
    // The call fails only with "channel closed"; the connection's error has the reason, if the broker gave one.
    const reason = await Promise.race([refusal, new Promise<Error>((resolve) => setTimeout(resolve, 100, error as Error))]);
    return reason.message.includes("does not support global qos") ? "quorum" : "unknown";
  }
}

function isNotFound(error: unknown): boolean {
  return (error as { code?: number }).code === 404;
}
