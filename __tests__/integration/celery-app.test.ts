import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "amqplib";
import type { ConfirmChannel } from "amqplib";
import { consumingFile, startCelery, untilConsuming } from "../support/celery-process";
import type { CeleryProcess } from "../support/celery-process";
import { eventually } from "../support/eventually";
import { startRabbitmq } from "../support/rabbitmq";
import type { RabbitmqServer } from "../support/rabbitmq";
import { installTools } from "../support/tools";

jest.setTimeout(180_000);

const WORKER_ASSETS = join(__dirname, "..", "..", "assets", "worker");

let rabbitmq: RabbitmqServer;
let channel: ConfirmChannel;
let close: () => Promise<void>;
let directory: string;
let environment: Record<string, string>;
let celery: CeleryProcess;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "fleet-celery-"));
  const [tools, server] = await Promise.all([installTools(), startRabbitmq()]);
  rabbitmq = server;
  const connection = await connect(rabbitmq.adminUrl);
  connection.on("error", () => undefined);
  close = () => connection.close();
  channel = await connection.createConfirmChannel();
  writeFileSync(join(directory, "stage.js"), STAGE_RUNNER);
  writeFileSync(join(directory, "preflight.js"), "process.exit(Number(process.env.PREFLIGHT ?? 0));\n");
  environment = {
    PATH: [tools.bin, dirname(process.execPath), process.env["PATH"]].join(":"),
    HOME: directory,
    PYTHONPATH: WORKER_ASSETS,
    PYTHONDONTWRITEBYTECODE: "1",
    ...rabbitmq.environment("worker"),
    FLEET_STAGE_RUNNER: join(directory, "stage.js"),
    FLEET_PREFLIGHT: join(directory, "preflight.js"),
    FLEET_STATE_DIRECTORY: join(directory, "state"),
    STAGE_LOG: join(directory, "stages.log"),
  };
  celery = startCelery("speckit", environment);
  await untilConsuming(celery, "speckit", environment);
});

afterAll(async () => {
  await celery?.stop();
  await close?.();
  await rabbitmq?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("0 acknowledges, whatever the arguments are", async () => {
  const id = await publish([{ id: "plain", codes: [0] }]);
  const twoArguments = await publish([{ codes: [0] }, 2]);
  await eventually(() =>
    expect(runs()).toEqual([
      { id: "plain", codes: [0] },
      { args: [{ codes: [0] }, 2], kwargs: {} },
    ]),
  );
  await eventually(() => expect(log(id) && log(twoArguments)).toBe(true));
  expect(await waiting("speckit.dead")).toBe(0);
});

test("65 goes to the dead letters at once", async () => {
  await publish([{ id: "senseless", codes: [65] }]);
  expect(await deadLetter()).toEqual([[{ id: "senseless", codes: [65] }], {}, EMBED]);
  expect(triesOf("senseless")).toBe(1);
});

test("75 keeps the message and runs the stage again, without using up deliveries", async () => {
  await publish([{ id: "patient", codes: [75, 75, 0] }]);
  await eventually(() => expect(triesOf("patient")).toBe(3));
  await eventually(async () => expect(await waiting("speckit")).toBe(0));
  expect(await waiting("speckit.dead")).toBe(0);
});

test("a crash gives the message back until its deliveries are used up", async () => {
  await publish([{ id: "crashing", codes: [1] }]);
  expect(await deadLetter(90_000)).toEqual([[{ id: "crashing", codes: [1] }], {}, EMBED]);
  expect(triesOf("crashing")).toBe(4);
});

test("what nobody can read goes to the dead letters, and the next message is not affected", async () => {
  await publish([{ id: "x" }], { task: "no.such.task" });
  expect(await deadLetter()).toEqual([[{ id: "x" }], {}, EMBED]);
  channel.publish("speckit", "speckit", Buffer.from("{no json"), properties("spec_workflow_runs.discover_next_phase", randomUUID()));
  expect(await deadLetter()).toBe("{no json");
  channel.publish("speckit", "speckit", Buffer.from("pickled"), {
    ...properties("spec_workflow_runs.discover_next_phase", randomUUID()),
    contentType: "application/x-python-serialize",
  });
  expect(await deadLetter()).toBe("pickled");
  await publish([{ id: "next", codes: [0] }]);
  await eventually(() => expect(triesOf("next")).toBe(1));
});

test("declares nothing: no queue of Celery's own exists", async () => {
  for (const queue of ["celery", "celery_delayed_0", "celery_delayed_27", "celeryev"]) {
    const probe = await connect(rabbitmq.adminUrl);
    probe.on("error", () => undefined);
    const other = await probe.createChannel();
    other.on("error", () => undefined);
    await expect(other.checkQueue(queue)).rejects.toThrow("NOT_FOUND");
    await probe.close();
  }
  expect(celery.log()).not.toMatch(/ACCESS_REFUSED|PRECONDITION_FAILED|NOT_IMPLEMENTED/);
});

test("the password is in no line of the log", () => {
  expect(celery.log()).not.toContain(environment["RABBITMQ_PASSWORD"]);
});

test("a broker that comes back is consumed from again", async () => {
  const file = consumingFile("speckit", environment);
  await rabbitmq.pause();
  await eventually(() => expect(existsSync(file)).toBe(false), 60_000);
  await rabbitmq.resume();
  await untilConsuming(celery, "speckit", environment);
  const connection = await connect(rabbitmq.adminUrl);
  connection.on("error", () => undefined);
  close = () => connection.close();
  channel = await connection.createConfirmChannel();
  await publish([{ id: "after the pause", codes: [0] }]);
  await eventually(() => expect(triesOf("after the pause")).toBe(1));
});

test("SIGTERM lets the running stage end and acknowledges it", async () => {
  await publish([{ id: "long", codes: [0], milliseconds: 2_000 }]);
  await eventually(() => expect(triesOf("long")).toBe(1));
  expect(await celery.stop()).toBe(0);
  expect(readFileSync(environment["STAGE_LOG"]!, "utf8")).toMatch(/ended \{"id":"long"/);
  expect(await waiting("speckit")).toBe(0);
  expect(existsSync(consumingFile("speckit", environment))).toBe(false);
});

test("a failed check ends the worker with the check's code before it consumes", async () => {
  const refused = startCelery("speckit", { ...environment, PREFLIGHT: "78" });
  expect(await refused.ended).toBe(78);
  expect(existsSync(consumingFile("speckit", environment))).toBe(false);
});

test("without a password file it says which one is missing", async () => {
  const rest = Object.fromEntries(Object.entries(environment).filter(([name]) => name !== "RABBITMQ_PASSWORD"));
  const refused = startCelery("speckit", { ...rest, RABBITMQ_PASSWORD_FILE: join(directory, "nowhere") });
  expect(await refused.ended).not.toBe(0);
  expect(refused.log()).toContain(
    `${join(directory, "nowhere")} cannot be read (No such file or directory): mount it or set RABBITMQ_PASSWORD_FILE`,
  );
});

const EMBED = { callbacks: null, errbacks: null, chain: null, chord: null };

function properties(task: string, id: string) {
  return {
    contentType: "application/json",
    contentEncoding: "utf-8",
    correlationId: id,
    persistent: true,
    headers: { lang: "py", task, id, root_id: id, parent_id: null, group: null },
  };
}

async function publish(args: readonly unknown[], { task = "spec_workflow_runs.discover_next_phase" } = {}): Promise<string> {
  const id = randomUUID();
  channel.publish("speckit", "speckit", Buffer.from(JSON.stringify([args, {}, EMBED])), properties(task, id));
  await channel.waitForConfirms();
  return id;
}

async function deadLetter(milliseconds = 30_000): Promise<unknown> {
  let text = "";
  await eventually(async () => {
    const message = await channel.get("speckit.dead", { noAck: true });
    if (message === false) throw new Error(`no dead letter came:\n${celery.log()}`);
    text = message.content.toString("utf8");
  }, milliseconds);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

async function waiting(queue: string): Promise<number> {
  return (await channel.checkQueue(queue)).messageCount;
}

function log(id: string): boolean {
  return celery.log().includes(`[${id}] succeeded`);
}

/** What the stage runner got, one entry per start. */
function runs(): { id?: string }[] {
  if (!existsSync(environment["STAGE_LOG"]!)) return [];
  const lines = readFileSync(environment["STAGE_LOG"]!, "utf8").split("\n");
  return lines.filter((line) => line.startsWith("started ")).map((line) => JSON.parse(line.slice(8)) as { id?: string });
}

function triesOf(id: string): number {
  return runs().filter((run) => run.id === id).length;
}

/** A stage runner that exits with the codes in its message, one after the other; the last one repeats. */
const STAGE_RUNNER = `
const fs = require("node:fs");
const message = JSON.parse(fs.readFileSync(0, "utf8"));
const log = process.env.STAGE_LOG;
fs.appendFileSync(log, "started " + JSON.stringify(message) + "\\n");
const tries = fs.readFileSync(log, "utf8").split("\\n").filter((line) => line === "started " + JSON.stringify(message)).length;
const codes = message.codes ?? [0];
setTimeout(() => {
  fs.appendFileSync(log, "ended " + JSON.stringify(message) + "\\n");
  process.exit(codes[Math.min(tries, codes.length) - 1]);
}, message.milliseconds ?? 0);
`;
