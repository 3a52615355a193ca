import { brokerDefinitions, rabbitPasswordHash } from "../../../runtime/contract";

const CONFIG = {
  CELERY_DEFAULT_EXCHANGE: "speckit",
  CELERY_DEFAULT_QUEUE: "speckit",
  SPEC_WORKFLOW_CODEX_QUEUE: "codex.eu",
  GEMINI_CELERY_QUEUE: "gemini",
};

test("the broker holds exactly this", () => {
  const topic = { vhost: "/", type: "topic", durable: true, auto_delete: false, internal: false, arguments: {} };
  const queue = (name: string) => ({ name, vhost: "/", durable: true, auto_delete: false, arguments: { "x-queue-type": "quorum" } });
  const binding = (source: string, destination: string, routing_key: string) => ({
    source,
    vhost: "/",
    destination,
    destination_type: "queue",
    routing_key,
    arguments: {},
  });
  const user = (name: string, password_hash: string) => ({
    name,
    password_hash,
    hashing_algorithm: "rabbit_password_hashing_sha256",
    tags: "",
  });
  expect(brokerDefinitions(CONFIG, { api: "HASH-A", worker: "HASH-W" })).toEqual({
    vhosts: [{ name: "/" }],
    users: [user("api", "HASH-A"), user("worker", "HASH-W")],
    permissions: [
      { user: "api", vhost: "/", configure: "^$", write: "^(speckit)$", read: "^(speckit\\.dead|codex\\.eu\\.dead|gemini\\.dead)$" },
      { user: "worker", vhost: "/", configure: "^$", write: "^(speckit)$", read: "^(speckit|codex\\.eu|gemini)$" },
    ],
    exchanges: [
      { name: "speckit", ...topic },
      { name: "speckit.dead", ...topic },
    ],
    queues: ["speckit", "codex.eu", "gemini", "speckit.dead", "codex.eu.dead", "gemini.dead"].map(queue),
    bindings: [
      binding("speckit", "speckit", "speckit"),
      binding("speckit", "codex.eu", "codex.eu"),
      binding("speckit", "gemini", "gemini"),
      binding("speckit.dead", "speckit.dead", "speckit"),
      binding("speckit.dead", "codex.eu.dead", "codex.eu"),
      binding("speckit.dead", "gemini.dead", "gemini"),
    ],
    policies: [
      {
        name: "stages",
        vhost: "/",
        pattern: "^(speckit|codex\\.eu|gemini)$",
        "apply-to": "queues",
        priority: 1,
        definition: {
          "delivery-limit": 3,
          "dead-letter-exchange": "speckit.dead",
          "dead-letter-strategy": "at-least-once",
          overflow: "reject-publish",
        },
      },
      {
        name: "dead-letters",
        vhost: "/",
        pattern: "^(speckit\\.dead|codex\\.eu\\.dead|gemini\\.dead)$",
        "apply-to": "queues",
        priority: 1,
        definition: { "delivery-limit": 1_000_000 },
      },
    ],
  });
});

test("two stages may share a queue", () => {
  const definitions = brokerDefinitions({ ...CONFIG, SPEC_WORKFLOW_CODEX_QUEUE: "speckit" }, { api: "a", worker: "w" });
  expect(definitions.queues.map((queue) => queue.name)).toEqual(["speckit", "gemini", "speckit.dead", "gemini.dead"]);
});

describe("rabbitPasswordHash", () => {
  // The worked example of RabbitMQ's own documentation (Passwords, computing a password hash).
  test("is RabbitMQ's", () => {
    expect(rabbitPasswordHash("test12", Buffer.from("908DC60A", "hex"))).toBe("kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");
  });

  test("takes no other salt than four bytes", () => {
    expect(() => rabbitPasswordHash("x", Buffer.alloc(3))).toThrow("the salt of a RabbitMQ password hash has 4 bytes, got 3");
  });
});
