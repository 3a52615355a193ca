import { PassThrough } from "node:stream";
import { JsonOutput, narrate, output, TextOutput } from "../../../../cli/console/output";
import type { Output } from "../../../../cli/console/output";
import { OperatorError } from "../../../../cli/console/operator-error";
import { ProgressView } from "../../../../cli/console/progress-view";
import type { ServiceRow } from "../../../../cli/console/progress-view";

function written(speak: (stream: NodeJS.WriteStream) => void): string {
  const stream = new PassThrough();
  speak(stream as unknown as NodeJS.WriteStream);
  return String(stream.read() ?? "");
}

function tell(to: Output): void {
  to.section("Secrets");
  to.event({ event: "secret", secret: "postgres_password", reader: "api", reason: "made" }, "made      dev-secrets-api: postgres_password");
  to.section("Deployment");
  to.line("waiting");
}

test("a person reads lines, with sections apart", () => {
  expect(written((stream) => tell(new TextOutput(stream)))).toBe(
    "Secrets\nmade      dev-secrets-api: postgres_password\n\nDeployment\nwaiting\n",
  );
});

test("a program reads one object per line", () => {
  const time = "2026-01-02T03:04:05.000Z";
  const lines = written((stream) => tell(new JsonOutput(stream, () => new Date(time)))).trimEnd();
  expect(lines.split("\n").map((line) => JSON.parse(line) as object)).toEqual([
    { time, event: "phase", phase: "secrets" },
    { time, event: "secret", secret: "postgres_password", reader: "api", reason: "made" },
    { time, event: "phase", phase: "deployment" },
    { time, event: "message", text: "waiting" },
  ]);
});

const ROW: ServiceRow = { id: "1", service: "api", state: "healthy", fresh: true, outOfMemory: false, since: 1_000, changed: 3_500 };

test("the events of a deployment contain nothing meant for a terminal", () => {
  const text = written((stream) => {
    const terminal = Object.assign(stream, { isTTY: true, columns: 80 });
    const view = new ProgressView(terminal, new JsonOutput(stream, () => new Date(0)));
    view.build("worker", "Step 1");
    view.service({ ...ROW, state: "starting" }, new Map());
    view.service(ROW, new Map());
    view.close();
  });
  const time = "1970-01-01T00:00:00.000Z";
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object),
  ).toEqual([
    { time, event: "build", image: "worker", text: "Step 1" },
    { time, event: "service", service: "api", state: "starting", seconds: 2.5, fresh: true },
    { time, event: "service", service: "api", state: "healthy", seconds: 2.5, fresh: true },
  ]);
});

describe("a command that reports while it works", () => {
  let lines: object[];
  beforeEach(() => {
    lines = [];
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      const { time, seconds, ...rest } = JSON.parse(String(text)) as { time: string; seconds?: number };
      expect(Date.parse(time)).not.toBeNaN();
      lines.push({ ...rest, ...(seconds === undefined ? {} : { seconds: typeof seconds }) });
      return true;
    });
  });
  afterEach(() => void jest.restoreAllMocks());

  test("ends with done, and nothing but events is written", async () => {
    await narrate({ json: true }, async () => {
      output().section("Run");
      console.log("one %s\n\ntwo", "line");
    });
    expect(lines).toEqual([
      { event: "phase", phase: "run" },
      { event: "message", text: "one line" },
      { event: "message", text: "two" },
      { event: "done", code: 0, seconds: "number" },
    ]);
    expect(output().json).toBe(false);
  });

  test.each<[Error, object]>([
    [new OperatorError("no engine", 78), { event: "failed", code: 78, message: "no engine" }],
    [new TypeError("x is undefined"), { event: "failed", code: 70, message: "TypeError: x is undefined" }],
  ])("ends with failed for %p, which is thrown on", async (error, expected) => {
    await expect(narrate({ json: true }, () => Promise.reject(error))).rejects.toBe(error);
    expect(lines).toEqual([expected]);
  });
});
