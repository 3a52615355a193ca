import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A RabbitMQ server, separate from any other on this machine. */
export interface BrokerInstance {
  /** Directory for its configuration, cookie and data. */
  readonly directory: string;
  readonly port: number;
  /** Port of its own Erlang port mapper. */
  readonly mapperPort: number;
  /** Port for connections between Erlang nodes. */
  readonly distributionPort: number;
  /** Erlang node, the first part of its name. */
  readonly node: string;
  /** A file, since RabbitMQ 3.10 cannot read definitions from a directory. */
  readonly definitionsFile: string;
  /** How long a consumer may hold a message, in milliseconds. @default RabbitMQ's own, 30 minutes */
  readonly consumerTimeout?: number;
}

/** Writes the broker's configuration files, and once its cookie, which is a secret. */
export function writeBrokerFiles(broker: BrokerInstance): void {
  mkdirSync(broker.directory, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(brokerFiles(broker))) writeFileSync(path.join(broker.directory, name), text, { mode: 0o600 });
  const cookie = path.join(broker.directory, ".erlang.cookie");
  if (existsSync(cookie)) return;
  rmSync(`${cookie}.new`, { force: true });
  // Erlang refuses a cookie that others can read.
  writeFileSync(`${cookie}.new`, randomBytes(24).toString("hex"), { mode: 0o400 });
  renameSync(`${cookie}.new`, cookie);
}

/** Arguments of `epmd`, which maps names of Erlang nodes to ports. */
export function portMapperArguments(port: number): string[] {
  return ["-address", "127.0.0.1", "-port", String(port)];
}

/** The broker's configuration files, by path in its directory. */
export function brokerFiles(broker: BrokerInstance): Readonly<Record<string, string>> {
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${broker.port}`,
    "definitions.import_backend = local_filesystem",
    `definitions.local.path = ${broker.definitionsFile}`,
    "log.console.level = warning",
    "disk_free_limit.absolute = 50MB",
    ...(broker.consumerTimeout === undefined ? [] : [`consumer_timeout = ${broker.consumerTimeout}`]),
  ];
  // The Erlang node's host is localhost, which a bare system cannot resolve.
  const names = '{host, {127,0,0,1}, ["localhost"]}.\n{lookup, [file, native]}.\n';
  return { "rabbitmq.conf": `${lines.join("\n")}\n`, enabled_plugins: "[].\n", inetrc: names };
}

/** Variables of the broker's process. */
export function brokerEnvironment({ directory, mapperPort, distributionPort, node }: BrokerInstance): Record<string, string> {
  return {
    HOME: directory,
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_INETRC: path.join(directory, "inetrc"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: path.join(directory, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(directory, "enabled_plugins"),
    RABBITMQ_NODENAME: `${node}@localhost`,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: path.join(directory, "data"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_LOG_BASE: directory,
    ERL_CRASH_DUMP: path.join(directory, "erl_crash.dump"),
    // Makes the start script exec the server, so that signals reach the server.
    RUNNING_UNDER_SYSTEMD: "true",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  };
}
