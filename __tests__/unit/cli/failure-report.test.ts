import { failureLines } from "../../../cli/docker/failure-report";
import type { ContainerState } from "../../../cli/docker/failure-report";
import type { ServiceFailure } from "../../../cli/docker/service-progress";

const EXITED: ServiceFailure = { id: "c1", service: "api", cause: { kind: "exited", exitCode: 78, outOfMemory: false } };
const UNHEALTHY: ServiceFailure = { id: "c1", service: "api", cause: { kind: "unhealthy" } };
const STATE: ContainerState = { ExitCode: 78, OOMKilled: false, Error: "" };

test.each<[string, ServiceFailure, ContainerState | undefined, string[], string[]]>([
  [
    "exited",
    EXITED,
    STATE,
    ["one", "two"],
    ["api failed: exit code 78: its configuration or its image is wrong and has to be corrected", "its last 2 lines:", "  one", "  two"],
  ],
  [
    "was killed for its memory",
    EXITED,
    { ...STATE, OOMKilled: true },
    [],
    ["api failed: exit code 78: it used more memory than its limit and was killed", "it wrote nothing"],
  ],
  [
    "could not be started",
    { ...EXITED, cause: { kind: "exited", exitCode: 127, outOfMemory: false } },
    { ...STATE, Error: "exec: no such file" },
    ["one"],
    ["api failed: exit code 127: its command was not found", "the engine says: exec: no such file", "its last line:", "  one"],
  ],
  [
    "is unhealthy",
    UNHEALTHY,
    {
      ...STATE,
      Health: {
        Log: [
          { ExitCode: 0, Output: "" },
          { ExitCode: 2, Output: "no answer\n" },
        ],
      },
    },
    [],
    ["api failed: its health check says it is not working", "its last health check ended with 2: no answer", "it wrote nothing"],
  ],
  [
    "is gone already",
    EXITED,
    undefined,
    [],
    ["api failed: exit code 78: its configuration or its image is wrong and has to be corrected", "it wrote nothing"],
  ],
])("a container that %s", (_what, failure, state, log, lines) => {
  expect(failureLines(failure, state, log)).toEqual(lines);
});
