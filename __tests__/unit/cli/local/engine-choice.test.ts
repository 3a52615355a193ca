import { Environment } from "../../../../constructs/environment";
import { fallBack, leftOutLines } from "../../../../cli/up/engine-choice";
import { OperatorError } from "../../../../cli/console/operator-error";
import { MissingPrerequisitesError } from "../../../../cli/console/prerequisite";

function missing(...names: string[]) {
  return new MissingPrerequisitesError(names.map((name) => ({ name, ok: false, found: "none", required: "some", fix: "get it" })));
}

test.each([["Docker engine"], ["Terraform"], ["Docker provider"], ["Image postgres:17"]])("a demonstration without %s", (name) => {
  expect(fallBack(missing(name, "Disk"), "demo", true, "linux")).toBe(
    `demo takes the local engine, because Docker cannot be used here: ${name}: none. What Docker needs: npm run -s fleet -- up demo --engine docker`,
  );
});

test("any other environment has to be asked for it", () => {
  expect(() => fallBack(missing("Docker engine"), "prod", false, "linux")).toThrow(
    new OperatorError(
      "missing: Docker engine; nothing was changed; for development it can run without Docker: npm run -s fleet -- up prod --engine local",
    ),
  );
});

test.each([true, false])("elsewhere than on Linux there is no other engine (a demonstration: %s)", (scripted) => {
  expect(() => fallBack(missing("Docker engine"), "demo", scripted, "darwin")).toThrow(
    new OperatorError("missing: Docker engine; nothing was changed; without Docker a fleet runs only on Linux (--engine local)"),
  );
});

test.each([
  ["what can be fixed with Docker", missing("Disk", "Port 127.0.0.1:8080", "State")],
  ["any other error", new OperatorError("something else")],
])("%s is no reason", (_what, error) => {
  expect(() => fallBack(error, "demo", true, "linux")).toThrow(error);
});

test.each([
  [1, 1, []],
  [0, 2, ["[workers.gemini] replicas = 2: the local engine runs one worker of a kind."]],
  [4, 1, ["[workers.codex] replicas = 4: the local engine runs one worker of a kind."]],
])("%d codex workers and %d gemini workers", (codex, gemini, lines) => {
  const workers = { codex: { replicas: codex }, gemini: { replicas: gemini } };
  expect(leftOutLines(Environment.fromSettings({ embedding: { provider: "none" }, workers }).settings)).toEqual(lines);
});
