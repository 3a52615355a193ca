import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brokerDefinitions, rabbitPasswordHash, readConfiguration, ROUTING_VARIABLES } from "../../runtime/contract";
import type { BrokerDefinitions, BrokerUser } from "../../runtime/contract";
import { brokerEnvironment, brokerFiles, portMapperArguments } from "../../cli/local/broker";
import type { BrokerInstance } from "../../cli/local/broker";
import { SYSTEM_PLACES } from "../../cli/local/machine";
import { freePort } from "./free-port";
import { own, removeDirectory, serviceDirectory, startService, untilListening } from "./service-process";
import type { ServiceProcess } from "./service-process";

/** A separate RabbitMQ server with the fleet's definitions. */
export interface RabbitmqServer {
  readonly host: string;
  readonly port: number;
  /** The contract's variables for a service with this user. */
  environment(user: BrokerUser): Readonly<Record<string, string>>;
  /** Address with the credentials of a user with all rights, for the test itself, never for the code under test. */
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
  const broker = {
    directory,
    port,
    mapperPort,
    distributionPort: await freePort(),
    node: "fleet",
    definitionsFile: join(directory, "definitions.json"),
  };
  writeFiles(broker, options.definitions ?? ((definitions) => definitions));
  const mapper = startService(SYSTEM_PLACES.portMapper, portMapperArguments(mapperPort), directory, {});
  let service!: ServiceProcess;
  const start = async () => {
    service = startService(SYSTEM_PLACES.broker, [], directory, brokerEnvironment(broker));
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

function writeFiles(broker: BrokerInstance, change: (definitions: BrokerDefinitions) => unknown): void {
  const write = (path: string, text: string, mode = 0o600) => {
    const file = join(broker.directory, path);
    writeFileSync(file, text, { mode });
    own(file);
  };
  write("definitions.json", JSON.stringify(change(withAdmin(testDefinitions()))));
  for (const [path, text] of Object.entries(brokerFiles(broker))) write(path, text);
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
