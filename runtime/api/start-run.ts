import { SkillNotAllowedError } from "../contract";
import type { Run } from "../contract";
import { publishOutbox } from "../queue";
import { listTasks, RetryError, RunConflictError } from "../store";
import type { StartedRun } from "../store";
import { ApiFault } from "./api-error";
import type { ApiContext } from "./api-context";
import { runJson } from "./run-json";

/**
 * Starts or restarts a run and wakes a worker. A committed run is accepted: an unreachable broker only delays it until
 * the sweep publishes its message.
 *
 * @throws ApiFault for errors the client can correct.
 */
export async function startRun({ db, publisher, logger }: ApiContext, commit: () => Promise<StartedRun>): Promise<Run> {
  const { run, outboxIds } = await committed(commit);
  // Not awaited: the response does not depend on it, and a blocked broker would delay it.
  void publishOutbox(db, publisher, { ids: outboxIds })
    .then(
      ({ error }) => error !== null && logger.warn({ err: error, runId: run.id }, "the broker took no message, the sweep will publish it"),
    )
    .catch((error: unknown) =>
      logger.warn({ err: error, runId: run.id }, "the message was not published at once, the sweep will publish it"),
    );
  return runJson(run, { tasks: await listTasks(db, [run.id]), includeTasks: true });
}

async function committed(commit: () => Promise<StartedRun>): Promise<StartedRun> {
  try {
    return await commit();
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): unknown {
  if (error instanceof SkillNotAllowedError) return new ApiFault(422, "skill_not_allowed", error.message);
  if (error instanceof RunConflictError) return new ApiFault(409, "workflow_conflict", error.message, error.runId ?? undefined);
  if (error instanceof RetryError) return new ApiFault(409, error.code, error.message);
  return error;
}
