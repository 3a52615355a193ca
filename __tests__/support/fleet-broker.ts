import { randomUUID } from "node:crypto";
import { connect } from "amqplib";
import type { Channel } from "amqplib";
import { brokerDefinitions, deadLetterQueue, rabbitPasswordHash, readConfiguration, ROUTING_VARIABLES } from "../../runtime/contract";
import type { Agent, Stage, StageMessage } from "../../runtime/contract";
import { BROKER_VARIABLES, openPublisher } from "../../runtime/queue";

/** One broker with the fleet's definitions in each virtual host, so that concurrent tests share only the server. */
export class FleetBroker {
  static readonly passwords = { api: "planted-api", worker: "planted-worker", admin: "planted-admin" } as const;

  /** @param port Of the host, on 127.0.0.1. */
  constructor(private readonly port: number) {}

  /** Publishes as the API does; returns the id of a run that no database knows. */
  async publish(vhost: string, stage: Stage, agent: Agent): Promise<string> {
    const runId = randomUUID();
    const publisher = openPublisher(
      readConfiguration([...BROKER_VARIABLES, ...ROUTING_VARIABLES], {
        CELERY_BROKER_URL: `amqp://127.0.0.1:${this.port}/${vhost}`,
        RABBITMQ_USER: "api",
        RABBITMQ_PASSWORD: FleetBroker.passwords.api,
      }),
    );
    try {
      await publisher.publish({ body: { runId, stage, attempt: 1, schema: 1 }, agent });
    } finally {
      await publisher.close();
    }
    return runId;
  }

  /** Messages that wait in a queue. */
  waiting(vhost: string, queue: string): Promise<number> {
    return this.asAdmin(vhost, async (channel) => (await channel.checkQueue(queue)).messageCount);
  }

  /** Consumers of a queue. */
  consumers(vhost: string, queue: string): Promise<number> {
    return this.asAdmin(vhost, async (channel) => (await channel.checkQueue(queue)).consumerCount);
  }

  /** Run of the oldest dead letter of a queue, which is taken out. */
  takeDeadLetter(vhost: string, queue: string): Promise<string | undefined> {
    return this.asAdmin(vhost, async (channel) => {
      const message = await channel.get(deadLetterQueue(queue), { noAck: true });
      if (message === false) return undefined;
      return (JSON.parse(message.content.toString("utf8")) as [[StageMessage]])[0][0].runId;
    });
  }

  /** Removes everything of an earlier test. */
  purge(vhost: string): Promise<void> {
    return this.asAdmin(vhost, async (channel) => {
      for (const queue of ["speckit", "codex", "gemini"]) {
        for (const name of [queue, deadLetterQueue(queue)]) await channel.purgeQueue(name);
      }
    });
  }

  /** Creates a queue as the fleet's definitions do. */
  declareQueue(vhost: string, queue: string): Promise<void> {
    return this.asAdmin(vhost, async (channel) => {
      await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
      await channel.bindQueue(queue, "speckit", queue);
    });
  }

  private async asAdmin<T>(vhost: string, act: (channel: Channel) => Promise<T>): Promise<T> {
    const connection = await connect(`amqp://admin:${FleetBroker.passwords.admin}@127.0.0.1:${this.port}/${vhost}`);
    connection.on("error", () => undefined);
    try {
      return await act(await connection.createChannel());
    } finally {
      await connection.close().catch(() => undefined);
    }
  }
}

/** How a virtual host differs from the fleet's definitions. */
export type QueueFault = "no codex queue" | "no gemini queue" | "classic codex queue";

/** The fleet's definitions in each virtual host, and a user with all rights, with which tests inspect the broker. */
export function definitionsOf(vhosts: Readonly<Record<string, QueueFault | undefined>>): object {
  const salt = Uint8Array.from([1, 2, 3, 4]);
  const { api, worker, admin } = FleetBroker.passwords;
  const fleet = brokerDefinitions(readConfiguration(ROUTING_VARIABLES, {}), {
    api: rabbitPasswordHash(api, salt),
    worker: rabbitPasswordHash(worker, salt),
  });
  const everyone = { configure: ".*", write: ".*", read: ".*" };
  const all = Object.entries(vhosts);
  const everywhere = <T extends object>(list: readonly T[]) => all.flatMap(([vhost]) => list.map((each) => ({ ...each, vhost })));
  const absent = (fault: QueueFault | undefined) => (fault?.startsWith("no ") === true ? fault.split(" ")[1] : undefined);
  return {
    vhosts: all.map(([name]) => ({ name })),
    users: [...fleet.users, { ...fleet.users[0], name: "admin", password_hash: rabbitPasswordHash(admin, salt), tags: "administrator" }],
    permissions: everywhere([...fleet.permissions, { user: "admin", ...everyone }]),
    exchanges: everywhere(fleet.exchanges),
    policies: everywhere(fleet.policies),
    queues: all.flatMap(([vhost, fault]) =>
      fleet.queues
        .filter(({ name }) => name !== absent(fault))
        .map((queue) => ({
          ...queue,
          vhost,
          ...(fault === "classic codex queue" && queue.name === "codex" ? { arguments: { "x-queue-type": "classic" } } : {}),
        })),
    ),
    bindings: all.flatMap(([vhost, fault]) =>
      fleet.bindings.filter(({ destination }) => destination !== absent(fault)).map((binding) => ({ ...binding, vhost })),
    ),
  };
}
