import { parseContainerEvent } from "../../../cli/docker/container-event";

const SERVICE = { "codex-fleet.service": "api" };

function line(Action: string, Attributes: Record<string, string> = SERVICE, Type = "container"): string {
  return JSON.stringify({ Type, Action, Actor: { ID: "c1", Attributes }, time: 1_700_000_000, timeNano: 1_700_000_000_123_456_789 });
}

const EVENT = { id: "c1", service: "api", at: 1_700_000_000_123 };

test.each([
  ["create", SERVICE, { ...EVENT, action: "create" }],
  ["start", SERVICE, { ...EVENT, action: "start" }],
  ["kill", { ...SERVICE, signal: "15" }, { ...EVENT, action: "kill" }],
  ["oom", SERVICE, { ...EVENT, action: "oom" }],
  ["die", { ...SERVICE, exitCode: "78" }, { ...EVENT, action: "die", exitCode: 78 }],
  ["destroy", SERVICE, { ...EVENT, action: "destroy" }],
  ["health_status: healthy", SERVICE, { ...EVENT, action: "healthy" }],
  ["health_status: unhealthy", SERVICE, { ...EVENT, action: "unhealthy" }],
])("%s", (action, attributes, event) => {
  expect(parseContainerEvent(line(action, attributes))).toEqual(event);
});

test.each([
  ["a run of the health check", line("exec_start: test -e x")],
  ["another kind of object", line("create", SERVICE, "network")],
  ["a container of something else", line("start", {})],
  ["an empty line", ""],
])("%s is of no interest", (_what, text) => {
  expect(parseContainerEvent(text)).toBeUndefined();
});
