import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brokerDefinitions, rabbitPasswordHash, readConfiguration, ROUTING_VARIABLES } from "../../runtime/contract";
import type { BrokerDefinitions, BrokerUser } from "../../runtime/contract";
import { freePort } from "./free-port";
import { own, removeDirectory, serviceDirectory, startService, untilListening } from "./service-process";
import type { ServiceProcess } from "./service-process";

/** A RabbitMQ server of its own, with the fleet's definitions. */
export interface RabbitmqServer {
  readonly host: string;
  readonly port: number;
  /** The variables of the contract a service with this user gets. */
  environment(user: BrokerUser): Readonly<Record<string, string>>;
  /** Address with the credentials of a user that may do everything: for looking, never for the code under test. */
  readonly adminUrl: string;
  log(): string;
  /** Ends the server, keeps its data; `resume` starts it again on the same port. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface RabbitmqOptions {
  /** Changes the definitions before they are loaded. */
  readonly definitions?: (definitions: BrokerDefinitions) => unknown;
}

const PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const PASSWORDS: Readonly<Record<BrokerUser | "admin", string>> = {
  api: "fleet-test-api",
  worker: "fleet-test-worker",
  admin: "fleet-test-admin",
};

/** Starts RabbitMQ on a free port of the loopback interface, with its own Erlang port mapper and cookie. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<RabbitmqServer> {
  const directory = serviceDirectory("rabbitmq");
  const port = await freePort();
  const mapperPort = await freePort();
  writeConfiguration(directory, port, options.definitions ?? ((definitions) => definitions));
  const mapper = startService("epmd", ["-address", "127.0.0.1", "-port", String(mapperPort)], directory, {});
  const environment = await nodeEnvironment(directory, mapperPort);
  let service!: ServiceProcess;
  const start = async () => {
    service = startService(PROGRAM, [], directory, environment);
    await untilListening(service, port);
  };
  const end = () => service.stop();
  try {
    await untilListening(mapper, mapperPort);
    await start();
  } catch (error) {
    await mapper.stop();
    removeDirectory(directory);
    throw error;
  }
  return {
    host: "127.0.0.1",
    port,
    environment: (user) => ({
      CELERY_BROKER_URL: `amqp://127.0.0.1:${port}//`,
      RABBITMQ_USER: user,
      RABBITMQ_PASSWORD: PASSWORDS[user],
    }),
    adminUrl: `amqp://admin:${PASSWORDS.admin}@127.0.0.1:${port}/`,
    log: () => service.log(),
    pause: end,
    resume: start,
    async stop() {
      await end();
      await mapper.stop();
      removeDirectory(directory);
    },
  };
}

function writeConfiguration(directory: string, port: number, change: (definitions: BrokerDefinitions) => unknown): void {
  const write = (path: string, text: string, mode = 0o600) => {
    writeFileSync(join(directory, path), text, { mode });
    own(join(directory, path));
  };
  write("definitions.json", JSON.stringify(change(withAdmin(testDefinitions()))));
  write(
    "rabbitmq.conf",
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      "definitions.import_backend = local_filesystem",
      `definitions.local.path = ${join(directory, "definitions.json")}`,
      "log.console.level = warning",
      "disk_free_limit.absolute = 50MB",
      "",
    ].join("\n"),
  );
  write("enabled_plugins", "[].\n");
  write(".erlang.cookie", `fleet${Math.random().toString(36).slice(2)}`, 0o400);
}

function testDefinitions(): BrokerDefinitions {
  const salt = Uint8Array.from([1, 2, 3, 4]);
  return brokerDefinitions(readConfiguration(ROUTING_VARIABLES, {}), {
    api: rabbitPasswordHash(PASSWORDS.api, salt),
    worker: rabbitPasswordHash(PASSWORDS.worker, salt),
  });
}

function withAdmin(definitions: BrokerDefinitions): BrokerDefinitions {
  const admin = definitions.users[0]!;
  return {
    ...definitions,
    users: [
      ...definitions.users,
      { ...admin, name: "admin", password_hash: rabbitPasswordHash(PASSWORDS.admin, Uint8Array.from([4, 3, 2, 1])) },
    ],
    permissions: [...definitions.permissions, { user: "admin", vhost: "/", configure: ".*", write: ".*", read: ".*" }],
  };
}

async function nodeEnvironment(directory: string, mapperPort: number): Promise<Record<string, string>> {
  return {
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "enabled_plugins"),
    RABBITMQ_NODENAME: "fleet@localhost",
    RABBITMQ_DIST_PORT: String(await freePort()),
    RABBITMQ_MNESIA_BASE: join(directory, "data"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_LOG_BASE: directory,
    ERL_CRASH_DUMP: join(directory, "erl_crash.dump"),
    // Makes the start script replace itself by the server, so that signals reach the server.
    RUNNING_UNDER_SYSTEMD: "true",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  };
}
