import { z } from "zod";
import { flag } from "../../contract";
import { listArtifacts, listTasks } from "../../store";
import { validate } from "../api-error";
import type { Route } from "../api-context";
import { runJson } from "../run-json";
import { requireRun, runId } from "./run-id";

const Query = z.strictObject({
  includeTasks: flag.default(true),
  includeArtifacts: flag.default(true),
  /** Accepted for older clients; `credentialAudit` is always null. */
  includeCredentialAudit: flag.default(true),
});

/** GET /runs/{id} */
export const getRunRoute: Route = (app, context) => {
  app.get("/runs/:id", async (request) => {
    const query = validate(Query, request.query);
    const run = await requireRun(context, runId(request.params));
    const [tasks, artifacts] = await Promise.all([
      listTasks(context.db, [run.id]),
      query.includeArtifacts ? listArtifacts(context.db, [run.id]) : [],
    ]);
    return runJson(run, { tasks, includeTasks: query.includeTasks, artifacts });
  });
};
