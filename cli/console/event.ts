/** State of a container while a fleet changes. */
export type ServiceState = "created" | "starting" | "healthy" | "stopping" | "stopped" | "removed" | "failed";

/** What a long-running command reports to a program with `--json`: one JSON object per line. */
export type FleetEvent =
  | { readonly event: "phase"; readonly phase: string }
  | { readonly event: "message"; readonly text: string }
  | {
      readonly event: "prerequisite";
      readonly name: string;
      readonly ok: boolean;
      readonly found: string;
      readonly required: string;
      readonly fix: string;
    }
  | { readonly event: "plan"; readonly changes: boolean; readonly plan: object }
  | { readonly event: "secret"; readonly secret: string; readonly reader: string; readonly reason: string }
  | { readonly event: "build"; readonly image: string; readonly text: string }
  | { readonly event: "service"; readonly service: string; readonly state: ServiceState; readonly seconds: number; readonly fresh: boolean }
  | {
      readonly event: "run";
      readonly id: string;
      readonly repository: string;
      readonly status: string;
      readonly pullRequest: string | null;
      readonly reason: string | null;
    }
  | {
      readonly event: "task";
      readonly stage: string;
      readonly status: string;
      readonly attempt: number;
      readonly seconds: number | null;
      readonly executionPath: string | null;
      readonly message: string | null;
    }
  | { readonly event: "done"; readonly code: number; readonly seconds: number }
  | { readonly event: "failed"; readonly code: number; readonly message: string };

type Kind = FleetEvent["event"];
type Fields<K extends Kind> = Exclude<keyof Extract<FleetEvent, { readonly event: K }>, "event">;

/** The meaning of every event and its fields; docs/command-line.md prints it. */
export const EVENT_MEANINGS: { readonly [K in Kind]: { readonly when: string; readonly fields: Readonly<Record<Fields<K>, string>> } } = {
  phase: {
    when: "a section of the command begins",
    fields: { phase: "its name in lower case: `prerequisites`, `plan`, `secrets`, `deployment`, `run`, `next`" },
  },
  message: { when: "a line for a person, without an event of its own", fields: { text: "the line" } },
  prerequisite: {
    when: "a prerequisite of this machine was checked",
    fields: {
      name: "its name",
      ok: "whether it is fulfilled",
      found: "what was found",
      required: "what is required",
      fix: "what to do about it; empty when it is fulfilled",
    },
  },
  plan: {
    when: "the plan is ready",
    fields: { changes: "whether anything changes", plan: "what `plan --json` prints, without the name of the environment" },
  },
  secret: {
    when: "a secret was created or replaced",
    fields: { secret: "the name of its file", reader: "the service that reads it", reason: "why it was written" },
  },
  build: { when: "the build of an image wrote a line", fields: { image: "name of the image", text: "the line" } },
  service: {
    when: "a container changed its state",
    fields: {
      service: "name of the service",
      state: "`created`, `starting`, `healthy`, `stopping`, `stopped`, `removed` or `failed`",
      seconds: "time since the command first touched it",
      fresh: "whether the command created or started it",
    },
  },
  run: {
    when: "a run was started, and when it has ended",
    fields: {
      id: "its id",
      repository: "owner and name",
      status: "its status in the API: `pending`, `running`, `succeeded`, `failed`, `no_work`, `cancelled`, `retrying`",
      pullRequest: "address of its pull request, or null",
      reason: "why it failed, or null",
    },
  },
  task: {
    when: "a stage of a run changed its state",
    fields: {
      stage: "`discover`, `submit` or `publish`",
      status: "`queued`, `running`, `succeeded`, `failed` or `skipped`",
      attempt: "from 1",
      seconds: "how long it took, or null while it has not ended",
      executionPath: "`skill`, `direct_fallback` or `direct_only`, or null while it is queued",
      message: "its message, or null",
    },
  },
  done: {
    when: "the last line of a command that ran to its end",
    fields: { code: "its exit code", seconds: "how long it took" },
  },
  failed: {
    when: "the last line of a command that stopped with an error",
    fields: { code: "its exit code", message: "the error message" },
  },
};
