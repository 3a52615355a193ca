import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import type { ChannelModel, Options } from "amqplib";
import type { Configuration } from "../contract";

/** Variables with the broker's address and the credentials of this process. */
export const BROKER_VARIABLES = ["CELERY_BROKER_URL", "RABBITMQ_USER", "RABBITMQ_PASSWORD"] as const;
export type BrokerConfiguration = Configuration<(typeof BROKER_VARIABLES)[number]>;

/** Seconds between heartbeats: a lost broker is noticed within two of them. */
const HEARTBEAT = 20;
const CONNECT_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 2_000;

/**
 * Opens a connection. The URL carries no credentials; this function adds them.
 *
 * @param name Shown by RabbitMQ as the connection's name.
 * @throws the broker's error; it never carries the password.
 */
export async function openBroker(config: BrokerConfiguration, name: string): Promise<ChannelModel> {
  const connection = await connect(brokerAddress(config), { timeout: CONNECT_TIMEOUT, clientProperties: { connection_name: name } });
  // Without a listener, an "error" event ends the process. A broken connection also closes its channels; that tells their users.
  connection.on("error", () => undefined);
  return connection;
}

/** Closes a connection, whatever state it is in, without waiting for a broker that does not answer. */
export async function closeBroker(connection: ChannelModel): Promise<void> {
  const closed = connection.close().catch(() => undefined);
  await Promise.race([closed, sleep(CLOSE_TIMEOUT, undefined, { ref: false })]);
}

/** The parts of `CELERY_BROKER_URL`, with user and password. The path is the virtual host; `//` and an empty path mean `/`. */
export function brokerAddress(config: BrokerConfiguration): Options.Connect {
  const url = new URL(config.CELERY_BROKER_URL);
  const vhost = decodeURIComponent(url.pathname.slice(1));
  const secure = url.protocol === "amqps:";
  return {
    protocol: secure ? "amqps" : "amqp",
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 5671 : 5672) : Number(url.port),
    username: config.RABBITMQ_USER,
    password: config.RABBITMQ_PASSWORD ?? "",
    vhost: vhost === "" ? "/" : vhost,
    heartbeat: HEARTBEAT,
  };
}
