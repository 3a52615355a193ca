import StatsD from "hot-shots";
import { TASK_NAMES } from "../contract";
import type { Stage } from "../contract";
import type { StageConfiguration } from "./stage-configuration";

/** Counters and durations of stages. */
export interface StageMetrics {
  started(): void;
  ended(status: "success" | "failure", milliseconds: number): void;
  close(): Promise<void>;
}

/** Sends `task_start`, `task_success`, `task_failure` and `task_duration`, with tags, to StatsD when a host is set. */
export function stageMetrics(
  stage: Stage,
  attempt: number,
  config: Pick<
    StageConfiguration,
    "FLEET_ENVIRONMENT" | "SPEC_WORKFLOW_METRICS_HOST" | "SPEC_WORKFLOW_METRICS_PORT" | "SPEC_WORKFLOW_METRICS_PREFIX"
  >,
): StageMetrics {
  if (config.SPEC_WORKFLOW_METRICS_HOST === undefined) {
    return { started: () => undefined, ended: () => undefined, close: async () => undefined };
  }
  const client = new StatsD({
    host: config.SPEC_WORKFLOW_METRICS_HOST,
    port: config.SPEC_WORKFLOW_METRICS_PORT,
    prefix: `${config.SPEC_WORKFLOW_METRICS_PREFIX}.`,
    globalTags: { environment: config.FLEET_ENVIRONMENT },
    // A failure to send metrics must not fail the stage.
    errorHandler: () => undefined,
  });
  const tags = (status: string) => ({ task: TASK_NAMES[stage], attempt: String(attempt), status, retry: String(attempt > 1) });
  return {
    started: () => client.increment("task_start", tags("running")),
    ended(status, milliseconds) {
      client.increment(`task_${status}`, tags(status));
      client.timing("task_duration", Math.round(milliseconds), tags(status));
    },
    close: () => new Promise((resolve) => client.close(() => resolve())),
  };
}
