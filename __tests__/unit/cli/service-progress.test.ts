import type { ContainerEvent } from "../../../cli/docker/container-event";
import { serviceLine } from "../../../cli/console/progress-view";
import type { ServiceProgress } from "../../../cli/console/progress-view";
import { advance, initialProgress } from "../../../cli/docker/service-progress";
import type { ServiceFailure } from "../../../cli/docker/service-progress";

type Short = readonly [id: string, action: ContainerEvent["action"], at: number, exitCode?: number];

/** Lines and failures of a list of events; seconds are the events' own. */
function play(events: readonly Short[], there: Readonly<Record<string, string>> = {}): { lines: string[]; failures: ServiceFailure[] } {
  const containers = Object.entries(there).map(([id, state]) => ({ id, service: id, name: id, state, status: "" }));
  let progress: ServiceProgress = initialProgress(containers, 0);
  const lines: string[] = [];
  const failures: ServiceFailure[] = [];
  for (const [id, action, at, exitCode] of events) {
    const step = advance(progress, { id, service: id, action, at: at * 1000, ...(exitCode === undefined ? {} : { exitCode }) });
    progress = step.progress;
    if (step.row !== undefined) lines.push(serviceLine(step.row).replace(/ +/g, " "));
    if (step.failure !== undefined) failures.push(step.failure);
  }
  return { lines, failures };
}

test("a container comes up", () => {
  expect(
    play([
      ["api", "create", 10],
      ["api", "start", 10.5],
      ["api", "healthy", 14],
    ]),
  ).toEqual({
    lines: ["api created 0.0 s", "api starting 0.5 s", "api healthy 4.0 s"],
    failures: [],
  });
});

test("a worker is replaced: the new one becomes healthy, the old one drains", () => {
  expect(
    play([
      ["new", "create", 0],
      ["new", "start", 1],
      ["new", "healthy", 5],
      ["old", "kill", 6],
      ["old", "kill", 7],
      ["old", "die", 9, 0],
      ["old", "destroy", 9.5],
    ]),
  ).toEqual({
    lines: [
      "new created 0.0 s",
      "new starting 1.0 s",
      "new healthy 5.0 s",
      "old (old) finishes what it runs 0.0 s",
      "old (old) stopped 3.0 s",
      "old (old) removed 3.5 s",
    ],
    failures: [],
  });
});

const exited = (exitCode: number, outOfMemory = false): ServiceFailure => ({
  id: "api",
  service: "api",
  cause: { kind: "exited", exitCode, outOfMemory },
});

test.each<[string, Short[], ServiceFailure[]]>([
  [
    "exits with 78",
    [
      ["api", "create", 0],
      ["api", "start", 1],
      ["api", "die", 2, 78],
    ],
    [exited(78)],
  ],
  [
    "exits with 0",
    [
      ["api", "create", 0],
      ["api", "start", 1],
      ["api", "die", 2, 0],
    ],
    [exited(0)],
  ],
  [
    "is killed for its memory",
    [
      ["api", "create", 0],
      ["api", "start", 1],
      ["api", "oom", 2],
      ["api", "die", 2, 137],
    ],
    [exited(137, true)],
  ],
  [
    "exits after it was healthy",
    [
      ["api", "create", 0],
      ["api", "start", 1],
      ["api", "healthy", 2],
      ["api", "die", 3, 1],
    ],
    [exited(1)],
  ],
  [
    "becomes unhealthy",
    [
      ["api", "create", 0],
      ["api", "start", 1],
      ["api", "unhealthy", 2],
    ],
    [{ id: "api", service: "api", cause: { kind: "unhealthy" } }],
  ],
  [
    "is started in place and exits",
    [
      ["api", "start", 1],
      ["api", "die", 2, 69],
    ],
    [exited(69)],
  ],
  [
    "fails again and again: told once",
    [
      ["api", "create", 0],
      ["api", "start", 1],
      ["api", "die", 2, 78],
      ["api", "start", 3],
      ["api", "die", 4, 78],
    ],
    [exited(78)],
  ],
  [
    "was told to stop",
    [
      ["api", "create", 0],
      ["api", "start", 1],
      ["api", "kill", 2],
      ["api", "die", 3, 143],
    ],
    [],
  ],
  [
    "was there before and crashes",
    [
      ["api", "die", 1, 78],
      ["api", "start", 2],
      ["api", "die", 3, 78],
    ],
    [],
  ],
  ["was there before and is unhealthy", [["api", "unhealthy", 1]], []],
])("a container that %s", (_what, events, failures) => {
  expect(play(events).failures).toEqual(failures);
});

const CRASHES: Short[] = [
  ["api", "start", 1],
  ["api", "die", 2, 78],
];

test.each<[string, ServiceFailure[]]>([
  ["restarting", []],
  ["exited", [exited(78)]],
])("a container that was %s before and ends after a start", (state, failures) => {
  expect(play(CRASHES, { api: state }).failures).toEqual(failures);
});

test("seconds of an old container count from its signal", () => {
  expect(
    play(
      [
        ["api", "kill", 60],
        ["api", "die", 62, 0],
      ],
      { api: "running" },
    ).lines,
  ).toEqual(["api (old) finishes what it runs 0.0 s", "api (old) stopped 2.0 s"]);
});
