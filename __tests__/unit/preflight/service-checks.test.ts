import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { databaseRefusal, judgeClock } from "../../../runtime/preflight/database-check";
import { diskCheck, judgeDisk, LEAST_FREE } from "../../../runtime/preflight/disk-check";
import { brokerRefusal, judgeQueue, queueCheck } from "../../../runtime/preflight/queue-check";
import { contextOf, scratch } from "./context";

describe("queue", () => {
  const seen = { queue: "codex", exists: true, type: "quorum", messages: 2, consumers: 0 } as const;
  const lost = "without a delivery limit and dead letters, a message that kills its worker is delivered again forever";
  test.each([
    [seen, "ok", "quorum queue codex at amqp://b, 2 waiting", { queue: "codex", type: "quorum", ready: true }],
    [{ ...seen, type: "classic" }, "warning", `codex is a classic queue: ${lost}`, { queue: "codex", type: "classic", ready: true }],
    [
      { ...seen, type: "unknown" },
      "warning",
      "codex exists, the broker does not say its type",
      { queue: "codex", type: "unknown", ready: true },
    ],
    [{ ...seen, exists: false, type: null }, "failed", "there is no queue codex", { queue: "codex", type: "absent", ready: false }],
  ] as const)("%#", (inspection, status, found, binding) => {
    expect(judgeQueue("codex", "amqp://b", inspection)).toMatchObject({ status, found, facts: { queueBindings: [binding] } });
  });

  test.each([
    ["Handshake terminated by server: 403 (ACCESS-REFUSED)", true],
    ["ACCESS_REFUSED - read access to queue 'codex' refused", true],
    ['Connection closed: 530 (NOT-ALLOWED) with message "NOT_ALLOWED - vhost x not found"', true],
    ["connect ECONNREFUSED 127.0.0.1:5672", false],
    ["getaddrinfo EAI_AGAIN rabbitmq", false],
  ])("a refusal ends the waiting: %s", (message, refused) => {
    expect(brokerRefusal(message) !== undefined).toBe(refused);
  });

  test("an unreachable broker is unavailable, once the time is up", async () => {
    const context = contextOf({ CELERY_BROKER_URL: "amqp://127.0.0.1:1//", SPEC_WORKFLOW_CODEX_QUEUE: "mine" });
    expect(await queueCheck("codex").run(context)).toMatchObject({
      status: "unavailable",
      expected: "quorum queue mine at amqp://127.0.0.1:1//",
    });
  });
});

test.each([
  [{ code: "28P01", message: "password authentication failed" }, true],
  [{ message: "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string" }, true],
  [{ code: "3D000", message: "database does not exist" }, true],
  [{ code: "57P03", message: "the database system is starting up" }, false],
  [{ code: "ECONNREFUSED", message: "" }, false],
])("database refusal: %j", (error, refused) => {
  expect(databaseRefusal(error) !== undefined).toBe(refused);
});

test.each([
  [1_000, 1_000, 1_010, "ok", "0.0 s apart"],
  [1_005, 1_000, 1_010, "ok", "0.0 s apart"],
  [61_010, 1_000, 1_010, "ok", "60.0 s apart"],
  [61_110, 1_000, 1_010, "warning", "60.1 s apart"],
  [0, 90_000, 90_010, "warning", "90.0 s apart"],
])("clock: database %i, asked between %i and %i", (database, before, after, status, found) => {
  expect(judgeClock(database, before, after)).toMatchObject({ status, found });
});

describe("disk", () => {
  test.each([
    [{ free: LEAST_FREE, writeError: undefined }, "ok", "256 MiB free at /w"],
    [{ free: LEAST_FREE - 1, writeError: undefined }, "failed", "255 MiB free at /w"],
    [{ free: 0, writeError: "ENOSPC" }, "failed", "0 MiB free at /w"],
    [{ free: LEAST_FREE, writeError: "EROFS" }, "failed", "/w cannot be written (EROFS)"],
    [{ free: undefined, writeError: "ENOENT" }, "failed", "/w cannot be written (ENOENT)"],
  ])("%j", (seen, status, found) => {
    expect(judgeDisk("/w", 1000, seen)).toMatchObject({ status, found });
  });

  test("a path that cannot be a directory", async () => {
    const file = join(scratch(), "file");
    writeFileSync(file, "");
    expect(await diskCheck.run(contextOf({ SPEC_WORKFLOW_WORKSPACE_ROOT: join(file, "w") }))).toMatchObject({
      status: "failed",
      found: `${file}/w cannot be written (ENOTDIR)`,
    });
  });
});
