import { celeryMessage, readCeleryMessage } from "../../../runtime/queue";
import type { Agent, Stage } from "../../../runtime/contract";

const CONFIG = {
  CELERY_DEFAULT_EXCHANGE: "speckit",
  CELERY_DEFAULT_QUEUE: "light",
  SPEC_WORKFLOW_CODEX_QUEUE: "codex",
  GEMINI_CELERY_QUEUE: "gemini",
};
const RUN = "7f4df3a5-8e0b-4b0f-8a53-0f2c8f3a1a11";

test("a message is Celery's protocol 2, persistent and mandatory", () => {
  const body = { runId: RUN, stage: "submit", attempt: 2, schema: 1 } as const;
  const message = celeryMessage(body, "codex", "id-1", CONFIG);
  expect({ ...message, content: JSON.parse(message.content.toString()) }).toEqual({
    exchange: "speckit",
    routingKey: "codex",
    content: [[body], {}, { callbacks: null, errbacks: null, chain: null, chord: null }],
    options: {
      contentType: "application/json",
      contentEncoding: "utf-8",
      correlationId: "id-1",
      messageId: "id-1",
      persistent: true,
      mandatory: true,
      headers: {
        lang: "py",
        task: "spec_workflow_runs.submit_codex_job",
        id: "id-1",
        root_id: "id-1",
        parent_id: null,
        group: null,
        retries: 0,
        timelimit: [null, null],
        eta: null,
        expires: null,
        argsrepr: JSON.stringify([body]),
        kwargsrepr: "{}",
        origin: "codex-fleet",
        ignore_result: true,
      },
    },
  });
  expect(readCeleryMessage(message.content)).toEqual(body);
});

test.each<[Stage, Agent, string]>([
  ["discover", "codex", "light"],
  ["discover", "gemini", "light"],
  ["submit", "codex", "codex"],
  ["submit", "gemini", "gemini"],
  ["publish", "gemini", "light"],
])("%s of a %s run goes to %s", (stage, agent, queue) => {
  expect(celeryMessage({ runId: RUN, stage, attempt: 1, schema: 1 }, agent, "x", CONFIG).routingKey).toBe(queue);
});

test.each([
  ["no JSON", "{"],
  ["no list", '{"runId":"x"}'],
  ["no arguments", "[[],{},{}]"],
  ["null arguments", "[null,{},{}]"],
  ["another schema", `[[{"runId":"${RUN}","stage":"submit","attempt":1,"schema":2}],{},{}]`],
  ["a key too many", `[[{"runId":"${RUN}","stage":"submit","attempt":1,"schema":1,"x":1}],{},{}]`],
])("%s is no stage message", (_name, text) => {
  expect(readCeleryMessage(Buffer.from(text))).toBeNull();
});
