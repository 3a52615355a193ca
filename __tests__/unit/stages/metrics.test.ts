import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { stageMetrics } from "../../../runtime/stages/metrics";
import { eventually } from "../../support/eventually";

let server: Socket;
let received: string[];

beforeEach(async () => {
  received = [];
  server = createSocket("udp4");
  server.on("message", (message) => received.push(...message.toString("utf8").trim().split("\n")));
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
});

afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

function metrics(host: string | undefined) {
  return stageMetrics("submit", 2, {
    FLEET_ENVIRONMENT: "test",
    SPEC_WORKFLOW_METRICS_HOST: host,
    SPEC_WORKFLOW_METRICS_PORT: (server.address() as AddressInfo).port,
    SPEC_WORKFLOW_METRICS_PREFIX: "shop.workflow",
  });
}

test("counts starts and ends, and times them, under the prefix and with tags", async () => {
  const client = metrics("127.0.0.1");
  client.started();
  client.ended("failure", 1234.4);
  await client.close();
  const tags = (status: string) => `|#environment:test,task:submit_codex_job,attempt:2,status:${status},retry:true`;
  await eventually(() =>
    expect(received.sort()).toEqual([
      `shop.workflow.task_duration:1234|ms${tags("failure")}`,
      `shop.workflow.task_failure:1|c${tags("failure")}`,
      `shop.workflow.task_start:1|c${tags("running")}`,
    ]),
  );
});

test("a host that cannot be found is no error", async () => {
  const client = metrics("no-such-host.invalid");
  client.started();
  client.ended("success", 1);
  await client.close();
});

test("without a host nothing is sent", async () => {
  const client = metrics(undefined);
  client.started();
  client.ended("success", 1);
  await client.close();
  expect(received).toEqual([]);
});
