import { plannedDecisions, RetryRunRequest } from "../../contract";
import { retryRun } from "../../store";
import { runNotFound, validate } from "../api-error";
import type { Route } from "../api-context";
import { startRun } from "../start-run";
import { requireRun, runId } from "./run-id";

/** POST /runs/{id}/retry: continues a failed run. */
export const retryRunRoute: Route = (app, context) => {
  const { db, config } = context;
  app.post("/runs/:id/retry", async (request, reply) => {
    const id = runId(request.params);
    const body = validate(RetryRunRequest, request.body ?? {});
    const before = await requireRun(context, id);
    const run = await startRun(context, async () => {
      const decisions = plannedDecisions(before.skill_overrides, config);
      const started = await retryRun(db, id, { mode: body.mode, notes: body.notes ?? null, plannedDecisions: decisions });
      if (started === undefined) throw runNotFound(id);
      return started;
    });
    return reply.code(202).send(run);
  });
};
