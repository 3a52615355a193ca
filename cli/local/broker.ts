import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A RabbitMQ server with everything of its own. */
export interface BrokerInstance {
  /** Its own: configuration, cookie, data. */
  readonly directory: string;
  readonly port: number;
  /** Port of its own Erlang port mapper. */
  readonly mapperPort: number;
  /** Port between Erlang nodes; nobody else connects. */
  readonly distributionPort: number;
  /** Erlang node, the first part of its name. */
  readonly node: string;
  /** RabbitMQ 3.10 reads a file of definitions, no directory. */
  readonly definitionsFile: string;
  /** How long a message may be held, in milliseconds. @default RabbitMQ's own, 30 minutes */
  readonly consumerTimeout?: number;
}

/** Writes the files the broker is started from; its cookie, which is a secret, once. */
export function writeBrokerFiles(broker: BrokerInstance): void {
  mkdirSync(broker.directory, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(brokerFiles(broker))) writeFileSync(path.join(broker.directory, name), text, { mode: 0o600 });
  const cookie = path.join(broker.directory, ".erlang.cookie");
  if (existsSync(cookie)) return;
  rmSync(`${cookie}.new`, { force: true });
  // Erlang refuses a cookie that others could read.
  writeFileSync(`${cookie}.new`, randomBytes(24).toString("hex"), { mode: 0o400 });
  renameSync(`${cookie}.new`, cookie);
}

/** Arguments of `epmd`, which maps names of Erlang nodes to ports. */
export function portMapperArguments(port: number): string[] {
  return ["-address", "127.0.0.1", "-port", String(port)];
}

/** Files the broker is started from, by their path below its directory. */
export function brokerFiles(broker: BrokerInstance): Readonly<Record<string, string>> {
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${broker.port}`,
    "definitions.import_backend = local_filesystem",
    `definitions.local.path = ${broker.definitionsFile}`,
    "log.console.level = warning",
    "disk_free_limit.absolute = 50MB",
    ...(broker.consumerTimeout === undefined ? [] : [`consumer_timeout = ${broker.consumerTimeout}`]),
  ];
  // Its node is on localhost, a name that a bare system does not know.
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
    // Makes the start script replace itself by the server, so that signals reach the server.
    RUNNING_UNDER_SYSTEMD: "true",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  };
}
