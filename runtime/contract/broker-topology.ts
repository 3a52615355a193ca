import { createHash } from "node:crypto";
import { DEAD_LETTER_SUFFIX, DELIVERY_LIMIT } from "./message";
import { queueNames } from "./routing";
import type { RoutingConfiguration } from "./routing";

/** The only two users of the broker; RabbitMQ's default user `guest` does not exist. */
export const BROKER_USERS = ["api", "worker"] as const;
export type BrokerUser = (typeof BROKER_USERS)[number];

/** RabbitMQ definitions, as `definitions.import_backend = local_filesystem` reads them. */
export interface BrokerDefinitions {
  readonly vhosts: readonly { readonly name: string }[];
  readonly users: readonly {
    readonly name: string;
    readonly password_hash: string;
    readonly hashing_algorithm: "rabbit_password_hashing_sha256";
    readonly tags: string;
  }[];
  readonly permissions: readonly {
    readonly user: string;
    readonly vhost: string;
    readonly configure: string;
    readonly write: string;
    readonly read: string;
  }[];
  readonly exchanges: readonly {
    readonly name: string;
    readonly vhost: string;
    readonly type: "topic";
    readonly durable: true;
    readonly auto_delete: false;
    readonly internal: false;
    readonly arguments: Readonly<Record<string, never>>;
  }[];
  readonly queues: readonly {
    readonly name: string;
    readonly vhost: string;
    readonly durable: true;
    readonly auto_delete: false;
    readonly arguments: { readonly "x-queue-type": "quorum" };
  }[];
  readonly bindings: readonly {
    readonly source: string;
    readonly vhost: string;
    readonly destination: string;
    readonly destination_type: "queue";
    readonly routing_key: string;
    readonly arguments: Readonly<Record<string, never>>;
  }[];
  readonly policies: readonly {
    readonly name: string;
    readonly vhost: string;
    readonly pattern: string;
    readonly "apply-to": "queues";
    readonly priority: number;
    readonly definition: Readonly<Record<string, string | number>>;
  }[];
}

const VHOST = "/";
const NOTHING = "^$";

/** RabbitMQ 4 drops a message after 20 deliveries when its queue sets no limit; a dead letter must be kept. */
const DEAD_LETTER_DELIVERY_LIMIT = 1_000_000;

/** The exchange to which the queues of an exchange send their dead letters. */
export function deadLetterExchange(exchange: string): string {
  return exchange + DEAD_LETTER_SUFFIX;
}

/** The queue that keeps the dead letters of a queue. */
export function deadLetterQueue(queue: string): string {
  return queue + DEAD_LETTER_SUFFIX;
}

/**
 * Everything the broker holds. The broker loads it at start, before it accepts connections. Nobody else declares
 * anything: its users may only publish, consume and check that a queue exists.
 *
 * Delivery limit and dead-lettering are policies, not queue arguments, so that they can change without new queues.
 *
 * @param passwordHashes of `rabbitPasswordHash`.
 */
export function brokerDefinitions(config: RoutingConfiguration, passwordHashes: Readonly<Record<BrokerUser, string>>): BrokerDefinitions {
  const exchange = config.CELERY_DEFAULT_EXCHANGE;
  const queues = queueNames(config);
  const dead = queues.map(deadLetterQueue);
  const topic = { vhost: VHOST, type: "topic", durable: true, auto_delete: false, internal: false, arguments: {} } as const;
  const quorum = { vhost: VHOST, durable: true, auto_delete: false, arguments: { "x-queue-type": "quorum" } } as const;
  const bind = (source: string, destination: string, key: string) =>
    ({ source, vhost: VHOST, destination, destination_type: "queue", routing_key: key, arguments: {} }) as const;
  return {
    vhosts: [{ name: VHOST }],
    users: BROKER_USERS.map((name) => ({
      name,
      password_hash: passwordHashes[name],
      hashing_algorithm: "rabbit_password_hashing_sha256",
      tags: "",
    })),
    permissions: [
      { user: "api", vhost: VHOST, configure: NOTHING, write: oneOf([exchange]), read: oneOf(dead) },
      { user: "worker", vhost: VHOST, configure: NOTHING, write: oneOf([exchange]), read: oneOf(queues) },
    ],
    exchanges: [exchange, deadLetterExchange(exchange)].map((name) => ({ name, ...topic })),
    queues: [...queues, ...dead].map((name) => ({ name, ...quorum })),
    bindings: [
      ...queues.map((queue) => bind(exchange, queue, queue)),
      ...queues.map((queue) => bind(deadLetterExchange(exchange), deadLetterQueue(queue), queue)),
    ],
    policies: [
      {
        name: "stages",
        vhost: VHOST,
        pattern: oneOf(queues),
        "apply-to": "queues",
        priority: 1,
        definition: {
          "delivery-limit": DELIVERY_LIMIT,
          "dead-letter-exchange": deadLetterExchange(exchange),
          // RabbitMQ dead-letters at least once only where a full queue refuses new messages instead of dropping old ones.
          "dead-letter-strategy": "at-least-once",
          overflow: "reject-publish",
        },
      },
      {
        name: "dead-letters",
        vhost: VHOST,
        pattern: oneOf(dead),
        "apply-to": "queues",
        priority: 1,
        definition: { "delivery-limit": DEAD_LETTER_DELIVERY_LIMIT },
      },
    ],
  };
}

/**
 * RabbitMQ's salted SHA-256 of a password, base64.
 *
 * @param salt four random bytes.
 * @throws RangeError when the salt has another length.
 */
export function rabbitPasswordHash(password: string, salt: Uint8Array): string {
  if (salt.length !== 4) throw new RangeError(`the salt of a RabbitMQ password hash has 4 bytes, got ${salt.length}`);
  const digest = createHash("sha256").update(salt).update(password, "utf8").digest();
  return Buffer.concat([salt, digest]).toString("base64");
}

/** A pattern that matches the given names and nothing else. */
function oneOf(names: readonly string[]): string {
  return `^(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})$`;
}
