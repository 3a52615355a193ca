import { connect } from "amqplib";
import type { Channel, ChannelModel, GetMessage } from "amqplib";
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { pino } from "pino";
import { readApiConfiguration } from "../../runtime/api/api-configuration";
import type { ApiConfiguration } from "../../runtime/api/api-configuration";
import type { ApiContext } from "../../runtime/api/api-context";
import { startBackgroundWork } from "../../runtime/api/background-work";
import { buildApi } from "../../runtime/api/build-api";
import { Run, StageMessage } from "../../runtime/contract";
import type { StageExecutionDecision } from "../../runtime/contract";
import { inspectQueues, openBroker, openPublisher, publishOutbox, readCeleryMessage } from "../../runtime/queue";
import type { Publisher } from "../../runtime/queue";
import {
  claimStage,
  completeStage,
  failStage,
  migrate,
  openDatabase,
  reapExpiredLeases,
  recordDecision,
  releaseStage,
  renewLease,
  SCHEMA_VERSION,
  schemaVersion,
  StaleLeaseError,
} from "../../runtime/store";
import type { Database, StageClaim } from "../../runtime/store";
import { startPostgres } from "../support/postgres";
import type { PostgresServer } from "../support/postgres";
import { startRabbitmq } from "../support/rabbitmq";
import type { RabbitmqServer } from "../support/rabbitmq";
import { eventually } from "../support/eventually";

jest.setTimeout(120_000);

const TOKEN = "test-token";
const RUNS = "/api/workflows/speckit/runs";
const PLANNED = { selectedSkill: "speckit", executionPath: null, usedSkills: false, usedFallback: false, shadowModeRequested: false };
const BY_SKILL: StageExecutionDecision = { ...PLANNED, executionPath: "skill", usedSkills: true };

let postgres: PostgresServer;
let rabbitmq: RabbitmqServer;
let config: ApiConfiguration;
let db: Database;
let publisher: Publisher;
let api: FastifyInstance;
let context: ApiContext;
let admin: ChannelModel;

beforeAll(async () => {
  [postgres, rabbitmq] = await Promise.all([startPostgres(), startRabbitmq()]);
  config = readApiConfiguration(
    { ...postgres.environment, ...rabbitmq.environment("api"), FLEET_API_TOKEN: TOKEN, SPEC_WORKFLOW_ALLOWED_SKILLS: "speckit,careful" },
    "/nowhere",
  );
  db = openDatabase(config);
  await Promise.all([migrate(db), migrate(openSecond())]);
  publisher = openPublisher(config);
  context = { db, publisher, config, logger: pino({ level: "silent" }) };
  api = buildApi(context);
  admin = await connect(rabbitmq.adminUrl);
});

afterAll(async () => {
  await api?.close();
  await publisher?.close();
  await admin?.close();
  await db?.destroy();
  await second?.destroy();
  await Promise.all([postgres?.stop(), rabbitmq?.stop()]);
});

beforeEach(async () => {
  await sql`TRUNCATE runs, dead_letters, workers CASCADE`.execute(db);
  await purge("speckit", "codex", "gemini", "speckit.dead", "codex.dead", "gemini.dead");
});

describe("schema", () => {
  test("two processes migrate at once, and a third finds nothing to do", async () => {
    expect(await schemaVersion(db)).toBe(SCHEMA_VERSION);
    expect(await migrate(db)).toBe(SCHEMA_VERSION);
  });
});

describe("POST /runs", () => {
  test("makes a run with three planned tasks and wakes a worker for discover", async () => {
    const { status, body } = await post(RUNS, { repository: "acme/shop", skillOverrides: { submit: "careful" }, notes: "be quick" });
    expect(status).toBe(202);
    const run = Run.parse(body);
    expect(run).toEqual(body);
    expect(run).toMatchObject({
      status: "pending",
      phase: "discover",
      featureKey: null,
      repository: "acme/shop",
      agent: "codex",
      codexQueue: "codex",
      codexVolume: "codex_auth_volume",
      artifactsPath: `/workspaces/${run.id}/artifacts`,
    });
    expect(run.tasks.map(({ taskName, status: state, attempt, payload }) => ({ taskName, state, attempt, payload }))).toEqual([
      { taskName: "discover_next_phase", state: "queued", attempt: 1, payload: PLANNED },
      { taskName: "submit_codex_job", state: "queued", attempt: 1, payload: { ...PLANNED, selectedSkill: "careful" } },
      { taskName: "apply_and_publish", state: "queued", attempt: 1, payload: PLANNED },
    ]);
    const message = await take("speckit");
    expect(readCeleryMessage(message.content)).toEqual({ runId: run.id, stage: "discover", attempt: 1, schema: 1 });
    expect(message.properties.headers!["task"]).toBe("spec_workflow_runs.discover_next_phase");
    await eventually(async () => expect(await outbox()).toEqual([]));
  });

  test("a second run of an unfinished feature is a conflict that names the first", async () => {
    const first = await post(RUNS, { repository: "acme/shop", featureKey: "001-cart" });
    const again = await post(RUNS, { repository: "acme/shop", featureKey: "001-cart" });
    expect(again).toEqual({
      status: 409,
      body: {
        detail: {
          code: "workflow_conflict",
          message: `a run of acme/shop for the feature "001-cart" is not finished yet: ${first.body.id}; wait for it, or name another feature`,
          runId: first.body.id,
        },
      },
    });
    expect((await post(RUNS, { repository: "acme/shop", featureKey: "002-pay" })).status).toBe(202);
    expect((await post(RUNS, { repository: "acme/other", featureKey: "001-cart" })).status).toBe(202);
  });

  test("of many at once for one feature exactly one is taken on", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(RUNS, { repository: "acme/shop" })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409, 409, 409, 409, 409]);
  });

  test.each([
    [
      "a skill outside the allowlist",
      { repository: "a/b", skillOverrides: { publish: "rogue" } },
      "skill_not_allowed",
      'skillOverrides.publish: the skill "rogue" of the stage publish is not allowed; allowed are speckit, careful (SPEC_WORKFLOW_ALLOWED_SKILLS)',
    ],
    [
      "no repository",
      {},
      "invalid_request",
      "repository: is missing and SPEC_WORKFLOW_GITHUB_REPOSITORY names no default: give owner/name",
    ],
    ["a repository that is none", { repository: "shop" }, "invalid_request", "repository: must be owner/name"],
    ["a repository with dots", { repository: "../shop" }, "invalid_request", "repository: must not contain . or .. as a part"],
  ])("%s is refused with 422", async (_name, request, code, message) => {
    expect(await post(RUNS, request)).toEqual({ status: 422, body: { detail: { code, message } } });
    expect(await outbox()).toEqual([]);
  });

  test("a body that is not JSON is refused with 422", async () => {
    const answer = await api.inject({
      method: "POST",
      url: RUNS,
      headers: { ...AUTHORIZED, "content-type": "application/json" },
      payload: "{",
    });
    expect([answer.statusCode, answer.json().detail.code]).toEqual([422, "invalid_request"]);
  });
});

const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

describe("every route below the prefix", () => {
  test.each([
    ["POST", RUNS],
    ["GET", RUNS],
    ["GET", `${RUNS}/x`],
    ["GET", `${RUNS}/x/tasks`],
    ["GET", `${RUNS}/x/artifacts`],
    ["POST", `${RUNS}/x/retry`],
  ] as const)("%s %s wants the token", async (method, url) => {
    for (const headers of [{}, { authorization: "Bearer wrong" }]) {
      const answer = await api.inject({ method, url, headers });
      expect([answer.statusCode, answer.json().detail.code]).toEqual([401, "unauthorized"]);
    }
  });

  test.each(["no-uuid", "7f4df3a5-8e0b-4b0f-8a53-0f2c8f3a1a11"])("a run that is not there (%s) is 404", async (id) => {
    for (const path of ["", "/tasks", "/artifacts"]) {
      const answer = await get(`${RUNS}/${id}${path}`);
      expect([answer.status, answer.body.detail.code]).toEqual([404, "workflow_not_found"]);
    }
    expect((await post(`${RUNS}/${id}/retry`)).status).toBe(404);
  });
});

describe("GET /runs", () => {
  test("filters and pages, newest first", async () => {
    const user = "3b8a4a56-53ff-4d0a-9f5a-4b4b6f1f2c11";
    const ids: string[] = [];
    for (const [index, createdBy] of [user, undefined, user].entries()) {
      ids.unshift((await post(RUNS, { repository: "acme/shop", featureKey: `00${index}-f`, createdBy })).body.id);
    }
    await fail(ids[0]!);
    const list = async (query: string) => (await get(`${RUNS}?${query}`)).body.items.map((run: { id: string }) => run.id);
    expect(await list("")).toEqual(ids);
    expect(await list("status=failed")).toEqual([ids[0]]);
    expect(await list("status=pending")).toEqual([ids[1], ids[2]]);
    expect(await list("featureKey=001-f")).toEqual([ids[1]]);
    expect(await list(`createdBy=${user}`)).toEqual([ids[0], ids[2]]);
    expect(await list(`createdBy=${user}&status=pending`)).toEqual([ids[2]]);
    const first = (await get(`${RUNS}?limit=2`)).body;
    expect(first.items.map((run: Run) => run.id)).toEqual([ids[0], ids[1]]);
    const last = (await get(`${RUNS}?limit=2&cursor=${first.nextCursor}&includeTasks=true`)).body;
    expect(last.items.map((run: Run) => [run.id, run.tasks.length, run.taskSummary.length])).toEqual([[ids[2], 3, 3]]);
    expect(last.nextCursor).toBeNull();
    expect(first.items[0].tasks).toEqual([]);
  });

  test.each([
    ["status=odd", "invalid_status"],
    ["cursor=odd", "invalid_cursor"],
    ["limit=0", "invalid_request"],
    ["limit=101", "invalid_request"],
    ["colour=red", "invalid_request"],
  ])("?%s is refused with 422 %s", async (query, code) => {
    const answer = await get(`${RUNS}?${query}`);
    expect([answer.status, answer.body.detail.code]).toEqual([422, code]);
  });
});

describe("a run from stage to stage", () => {
  test("passes decisions, payloads and artifacts on and wakes each next stage once", async () => {
    const id = (await post(RUNS, { repository: "acme/shop", notes: "carefully" })).body.id;
    const discover = await claim(await take("speckit"), "worker-1");
    expect(discover.run).toMatchObject({ id, repository: "acme/shop", featureKey: null, notes: "carefully", status: "running" });
    await recordDecision(db, discover, BY_SKILL);
    expect((await get(`${RUNS}/${id}`)).body).toMatchObject({ status: "running", phase: "discover", currentTaskName: "discover" });
    const found = { ...BY_SKILL, taskId: "T001" };
    await advance(discover, { payload: found, next: "submit", run: { featureKey: "001-cart" } });

    const submit = await claim(await take("codex"), "worker-2");
    expect([submit.token > discover.token, submit.payloads, submit.run.featureKey]).toEqual([true, { discover: found }, "001-cart"]);
    const artifact = {
      artifactType: "codex_patch",
      path: "T001.patch",
      contentType: "text/x-diff",
      sizeBytes: 5_000_000_000,
      digest: null,
    } as const;
    await advance(submit, { payload: BY_SKILL, next: "publish", artifacts: [artifact] });

    const publish = await claim(await take("speckit"), "worker-1");
    expect(publish.payloads).toEqual({ discover: found, submit: BY_SKILL });
    await advance(publish, { payload: BY_SKILL, next: null, run: { prUrl: "https://example.com/pr/1" } });

    const run = Run.parse((await get(`${RUNS}/${id}`)).body);
    expect(run).toMatchObject({ status: "succeeded", phase: "complete", prUrl: "https://example.com/pr/1", currentTaskName: null });
    expect(run.taskSummary.map((task) => task.status)).toEqual(["succeeded", "succeeded", "succeeded"]);
    expect(run.tasks[1]!.artifactPaths).toEqual(["T001.patch"]);
    expect(run.artifacts).toEqual([{ ...artifact, id: expect.any(String), createdAt: expect.any(String) }]);
    expect(run.finishedAt).not.toBeNull();
    expect([await outbox(), await depth("speckit"), await depth("codex")]).toEqual([[], 0, 0]);
  });

  test("a run without work ends with discover, the other tasks skipped", async () => {
    const id = (await post(RUNS, { repository: "acme/shop" })).body.id;
    const discover = await claim(await take("speckit"));
    await advance(discover, { next: null, runStatus: "no_work" });
    const run = (await get(`${RUNS}/${id}`)).body;
    expect([run.status, run.taskSummary.map((task: { status: string }) => task.status)]).toEqual([
      "no_work",
      ["succeeded", "skipped", "skipped"],
    ]);
  });

  test("a gemini run's submit goes to gemini", async () => {
    await post(RUNS, { repository: "acme/shop", agent: "gemini" });
    await advance(await claim(await take("speckit")), { next: "submit" });
    expect(readCeleryMessage((await take("gemini")).content)?.stage).toBe("submit");
  });

  test("a feature that discover picks while another run works on it fails the run with the reason", async () => {
    await post(RUNS, { repository: "acme/shop", featureKey: "001-cart" });
    await take("speckit");
    const id = (await post(RUNS, { repository: "acme/shop" })).body.id;
    const discover = await claim(await take("speckit"));
    expect(await completeStage(db, discover, completion({ next: "submit", run: { featureKey: "001-cart" } }))).toEqual([]);
    const run = (await get(`${RUNS}/${id}`)).body;
    expect([run.status, run.tasks[0].status, run.tasks[0].payload.code]).toEqual(["failed", "failed", "workflow_conflict"]);
  });
});

describe("leases", () => {
  test("a copy of a message is put off while the lease lives, with one outbox row however often it comes", async () => {
    await post(RUNS, { repository: "acme/shop" });
    const message = StageMessage.parse(readCeleryMessage((await take("speckit")).content));
    await claimMessage(message, "worker-1");
    for (let copy = 0; copy < 2; copy += 1) {
      expect(await claimStage(db, message, "worker-2")).toMatchObject({ kind: "held", holder: "worker-1" });
    }
    expect(await outbox()).toEqual([{ stage: "discover", attempt: 1 }]);
    expect(await publishOutbox(db, publisher)).toEqual({ published: 0, postponed: 0, error: null });
  });

  test("of many that claim at once one holds the stage", async () => {
    await post(RUNS, { repository: "acme/shop" });
    const message = StageMessage.parse(readCeleryMessage((await take("speckit")).content));
    const results = await Promise.all([1, 2, 3, 4].map((worker) => claimStage(db, message, `worker-${worker}`)));
    expect(results.map((result) => result.kind).sort()).toEqual(["claimed", "held", "held", "held"]);
  });

  test("an expired lease is taken back, and its holder can write nothing any more", async () => {
    const id = (await post(RUNS, { repository: "acme/shop" })).body.id;
    const old = await claim(await take("speckit"), "worker-1");
    await recordDecision(db, old, BY_SKILL);
    expect(await reapExpiredLeases(db)).toEqual([]);
    await expire(id);
    expect(await reapExpiredLeases(db)).toEqual([{ runId: id, stage: "discover", attempt: 1, holder: "worker-1", outcome: "queued" }]);
    const task = (await get(`${RUNS}/${id}`)).body.tasks[0];
    expect([task.status, task.payload]).toEqual(["queued", PLANNED]);

    expect(await renewLease(db, old)).toBe(false);
    await expect(recordDecision(db, old, BY_SKILL)).rejects.toThrow(StaleLeaseError);
    await expect(completeStage(db, old, completion({ next: "submit" }))).rejects.toThrow(StaleLeaseError);
    await expect(failStage(db, old, FAILURE)).rejects.toThrow(StaleLeaseError);
    await expect(releaseStage(db, old, { enqueue: true })).rejects.toThrow(StaleLeaseError);

    await publishOutbox(db, publisher);
    const taken = await claim(await take("speckit"), "worker-2");
    expect(taken.token).toBeGreaterThan(old.token);
    expect(await renewLease(db, taken)).toBe(true);
    await expect(completeStage(db, old, completion({ next: "submit" }))).rejects.toThrow(StaleLeaseError);
  });

  test("a task that loses its worker again and again fails with the reason", async () => {
    const id = (await post(RUNS, { repository: "acme/shop" })).body.id;
    const message = StageMessage.parse(readCeleryMessage((await take("speckit")).content));
    const outcomes: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      await claimMessage(message, "worker-1");
      await expire(id);
      outcomes.push(...(await reapExpiredLeases(db)).map((task) => task.outcome));
    }
    expect(outcomes).toEqual(["queued", "queued", "queued", "failed"]);
    const run = (await get(`${RUNS}/${id}`)).body;
    expect([run.status, run.tasks[0].payload.code, await outbox()]).toEqual(["failed", "worker_lost", []]);
    expect(await claimStage(db, message, "worker-1")).toEqual({ kind: "finished" });
  });

  test("a stage given back is claimed again at once", async () => {
    await post(RUNS, { repository: "acme/shop" });
    const message = StageMessage.parse(readCeleryMessage((await take("speckit")).content));
    const first = await claimMessage(message, "worker-1");
    expect(await releaseStage(db, first, { enqueue: false })).toEqual([]);
    expect((await claimMessage(message, "worker-2")).token).toBeGreaterThan(first.token);
  });

  test("late, early and made-up messages do nothing", async () => {
    const id = (await post(RUNS, { repository: "acme/shop" })).body.id;
    const message = { runId: id, stage: "discover", attempt: 1, schema: 1 } as const;
    expect(await claimStage(db, { ...message, stage: "publish" }, "w")).toEqual({ kind: "finished" });
    expect(await claimStage(db, { ...message, attempt: 2 }, "w")).toEqual({ kind: "unknown" });
    expect(await claimStage(db, { ...message, runId: "7f4df3a5-8e0b-4b0f-8a53-0f2c8f3a1a11" }, "w")).toEqual({ kind: "unknown" });
    await completeStage(db, await claimMessage(message, "w"), completion({ next: "submit" }));
    expect(await claimStage(db, message, "w")).toEqual({ kind: "finished" });
  });
});

describe("POST /runs/{id}/retry", () => {
  test("runs what is left with the next attempt, and only once", async () => {
    const id = (await post(RUNS, { repository: "acme/shop", notes: "first" })).body.id;
    await advance(await claim(await take("speckit")), { next: "submit" });
    await failStage(db, await claim(await take("codex")), FAILURE);
    const failed = (await get(`${RUNS}/${id}`)).body;
    expect(failed.tasks[1]).toMatchObject({
      status: "failed",
      message: "no login",
      payload: { ...PLANNED, code: "codex_preflight_failed" },
    });

    const answers = await Promise.all([post(`${RUNS}/${id}/retry`, { notes: "second" }), post(`${RUNS}/${id}/retry`)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409]);
    expect(answers.find((answer) => answer.status === 409)!.body.detail.code).toBe("retry_not_allowed");
    const run = (await get(`${RUNS}/${id}`)).body;
    expect(run.taskSummary.map((task: { status: string; attempt: number }) => [task.status, task.attempt])).toEqual([
      ["succeeded", 1],
      ["queued", 2],
      ["queued", 2],
    ]);
    const submit = await claim(await take("codex"));
    expect([submit.attempt, Object.keys(submit.payloads)]).toEqual([2, ["discover"]]);
    expect(await depth("codex")).toBe(0);
  });

  test("restarts from discovery when asked to", async () => {
    const id = (await post(RUNS, { repository: "acme/shop", notes: "first" })).body.id;
    await advance(await claim(await take("speckit")), { next: "submit" });
    await failStage(db, await claim(await take("codex")), FAILURE);
    expect((await post(`${RUNS}/${id}/retry`, { mode: "restart_from_discovery", notes: "second" })).status).toBe(202);
    const discover = await claim(await take("speckit"));
    expect([discover.stage, discover.attempt, discover.run.notes]).toEqual(["discover", 2, "first\n\nsecond"]);
  });

  test("is refused while another run has the feature", async () => {
    const id = (await post(RUNS, { repository: "acme/shop" })).body.id;
    await fail(id);
    const other = (await post(RUNS, { repository: "acme/shop" })).body.id;
    const answer = await post(`${RUNS}/${id}/retry`);
    expect([answer.status, answer.body.detail.code, answer.body.detail.runId]).toEqual([409, "workflow_conflict", other]);
  });
});

describe("the broker", () => {
  test("tells queue types and absence to a worker that may only consume", async () => {
    const setup = await admin.createChannel();
    await setup.assertQueue("gemini-classic", { durable: true, arguments: { "x-queue-type": "classic" } });
    const messages = { messages: 0, consumers: 0 };
    const everything = { ...config, RABBITMQ_USER: "admin", RABBITMQ_PASSWORD: new URL(rabbitmq.adminUrl).password };
    const worker = { ...config, ...readWorker() };
    expect(await inspectQueues(worker)).toEqual(
      ["speckit", "codex", "gemini"].map((queue) => ({ queue, exists: true, type: "quorum", ...messages })),
    );
    setup.sendToQueue("gemini-classic", Buffer.from("kept"));
    await eventually(async () => expect((await setup.checkQueue("gemini-classic")).messageCount).toBe(1));
    expect(await inspectQueues(everything, ["gemini-classic", "absent"])).toEqual([
      { queue: "gemini-classic", exists: true, type: "classic", messages: 1, consumers: 0 },
      { queue: "absent", exists: false, type: null, ...messages },
    ]);
    await eventually(async () => expect((await setup.checkQueue("gemini-classic")).messageCount).toBe(1));
    await setup.deleteQueue("gemini-classic");
    await setup.close();
  });

  test("lets nobody declare, and nobody read what is not theirs", async () => {
    const refused = async (user: "api" | "worker", attempt: (connection: ChannelModel) => Promise<unknown>) => {
      const connection = await openBroker({ ...config, ...(user === "worker" ? readWorker() : {}) }, "test");
      try {
        await attempt(connection);
        return "allowed";
      } catch (error) {
        return (error as { code?: number }).code;
      } finally {
        await connection.close().catch(() => undefined);
      }
    };
    const channelOf = async (connection: ChannelModel) =>
      (await connection.createChannel()).on("error", () => undefined) as never as Channel;
    expect(await refused("worker", async (c) => (await channelOf(c)).assertQueue("mine"))).toBe(403);
    expect(await refused("worker", async (c) => (await channelOf(c)).get("codex.dead"))).toBe(403);
    expect(await refused("api", async (c) => (await channelOf(c)).get("codex"))).toBe(403);
    expect(await refused("api", async (c) => (await channelOf(c)).get("codex.dead"))).toBe("allowed");
    expect(await refused("worker", async (c) => (await channelOf(c)).get("codex"))).toBe("allowed");
  });

  test("a message without a queue stays in the outbox with the reason", async () => {
    const astray = openPublisher({ ...config, CELERY_DEFAULT_QUEUE: "nowhere" });
    const { run } = await directRun();
    expect(await publishOutbox(db, astray)).toEqual({ published: 0, postponed: 1, error: null });
    const row = await db.selectFrom("outbox").selectAll().executeTakeFirstOrThrow();
    expect([row.run_id, row.failures]).toEqual([run, 1]);
    expect(row.last_error).toMatch(/^the exchange "speckit" has no queue bound with "nowhere"/);
    await astray.close();
  });

  test("the sweep publishes what was left while the broker was away, and the dead letters are read", async () => {
    const work = startBackgroundWork(context);
    await rabbitmq.pause();
    const accepted = await post(RUNS, { repository: "acme/shop" });
    expect(accepted.status).toBe(202);
    expect((await api.inject({ url: "/readyz" })).statusCode).toBe(503);
    await rabbitmq.resume();
    admin = await connect(rabbitmq.adminUrl);
    const message = await take("speckit", "reject");
    expect(readCeleryMessage(message.content)?.runId).toBe(accepted.body.id);
    // The consumer rejected the message: the dead letter fails the run.
    await eventually(async () => {
      const run = (await get(`${RUNS}/${accepted.body.id}`)).body;
      expect([run.status, run.tasks[0].payload.code, run.tasks[0].message]).toEqual([
        "failed",
        "dead_letter",
        "dead-lettered by the queue speckit (rejected)",
      ]);
    });
    const letters = await db.selectFrom("dead_letters").select(["queue", "reason", "run_id", "stage", "attempt"]).execute();
    expect(letters).toEqual([{ queue: "speckit", reason: "rejected", run_id: accepted.body.id, stage: "discover", attempt: 1 }]);
    await eventually(async () => expect(await depth("speckit.dead")).toBe(0));
    await work.stop();
    expect((await api.inject({ url: "/readyz" })).json()).toEqual({ status: "ready" });
  });

  test("a message that is given back too often becomes a dead letter with that reason", async () => {
    await post(RUNS, { repository: "acme/shop" });
    let deliveries = 0;
    const channel = await admin.createChannel();
    await channel.consume("speckit", (message) => {
      deliveries += 1;
      channel.nack(message!, false, true);
    });
    await eventually(async () => expect(await depth("speckit.dead")).toBe(1));
    await channel.close();
    expect(deliveries).toBe(4);
    expect((await take("speckit.dead")).properties.headers!["x-first-death-reason"]).toBe("delivery_limit");
  });
});

describe("health", () => {
  test("alive and ready need no token", async () => {
    expect((await api.inject({ url: "/healthz" })).json()).toEqual({ status: "alive" });
    expect((await api.inject({ url: "/readyz" })).json()).toEqual({ status: "ready" });
  });
});

const FAILURE = {
  code: "codex_preflight_failed",
  reason: "auth.json is missing",
  remediation: "codex-fleet login",
  message: "no login",
};

let second: Database | undefined;
function openSecond(): Database {
  return (second = openDatabase(config));
}

function readWorker(): { RABBITMQ_USER: string; RABBITMQ_PASSWORD: string } {
  const { RABBITMQ_USER, RABBITMQ_PASSWORD } = rabbitmq.environment("worker");
  return { RABBITMQ_USER: RABBITMQ_USER!, RABBITMQ_PASSWORD: RABBITMQ_PASSWORD! };
}

async function request(method: "GET" | "POST", url: string, payload?: object) {
  const answer = await api.inject({ method, url, headers: AUTHORIZED, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, body: answer.json() };
}
const get = (url: string) => request("GET", url);
const post = (url: string, payload?: object) => request("POST", url, payload);

/** A run whose message nobody has published yet. */
async function directRun(): Promise<{ run: string }> {
  const row = await db
    .insertInto("runs")
    .values({ repository: "acme/direct", agent: "codex", skill_overrides: "{}", artifacts_path: "/x" } as never)
    .returning("id")
    .executeTakeFirstOrThrow();
  await db
    .insertInto("tasks")
    .values({ run_id: row.id, stage: "discover", attempt: 1, payload: JSON.stringify(PLANNED) })
    .execute();
  const body = JSON.stringify({ runId: row.id, stage: "discover", attempt: 1, schema: 1 });
  await db.insertInto("outbox").values({ run_id: row.id, stage: "discover", attempt: 1, body }).execute();
  return { run: row.id };
}

/** The next message of a queue, taken for good. */
async function take(queue: string, verdict: "ack" | "reject" = "ack"): Promise<GetMessage> {
  const channel = await admin.createChannel();
  let message: GetMessage | false = false;
  await eventually(async () => {
    message = await channel.get(queue);
    expect(message).not.toBe(false);
  });
  if (verdict === "ack") channel.ack(message as unknown as GetMessage);
  else channel.reject(message as unknown as GetMessage, false);
  await channel.close();
  return message as unknown as GetMessage;
}

async function depth(queue: string): Promise<number> {
  const channel = await admin.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await channel.close();
  return messageCount;
}

async function purge(...queues: string[]): Promise<void> {
  const channel = await admin.createChannel();
  for (const queue of queues) await channel.purgeQueue(queue);
  await channel.close();
}

async function claim(message: GetMessage, holder = "worker-1"): Promise<StageClaim> {
  return claimMessage(StageMessage.parse(readCeleryMessage(message.content)), holder);
}

async function claimMessage(message: StageMessage, holder: string): Promise<StageClaim> {
  const result = await claimStage(db, message, holder);
  if (result.kind !== "claimed") throw new Error(`the stage was not claimed: ${JSON.stringify(result)}`);
  return result.claim;
}

type Completion = Parameters<typeof completeStage>[2];

function completion(change: Partial<Completion>): Completion {
  return { status: "succeeded", message: "done", payload: BY_SKILL, artifacts: [], next: null, ...change };
}

/** Completes a stage and publishes the next message, as a worker does. */
async function advance(stage: StageClaim, change: Partial<Completion>): Promise<void> {
  const ids = await completeStage(db, stage, completion(change));
  await publishOutbox(db, publisher, { ids });
}

async function fail(id: string): Promise<void> {
  await failStage(db, await claimMessage({ runId: id, stage: "discover", attempt: 1, schema: 1 }, "worker-1"), FAILURE);
}

async function expire(id: string): Promise<void> {
  await sql`UPDATE leases SET expires_at = clock_timestamp() - interval '1 second' WHERE run_id = ${id}`.execute(db);
}

async function outbox() {
  return db.selectFrom("outbox").select(["stage", "attempt"]).orderBy("id").execute();
}
