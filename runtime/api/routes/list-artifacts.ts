import { listArtifacts } from "../../store";
import type { Route } from "../api-context";
import { artifactJson } from "../run-json";
import { requireRun, runId } from "./run-id";

/** GET /runs/{id}/artifacts: what there is, not the files. */
export const listArtifactsRoute: Route = (app, context) => {
  app.get("/runs/:id/artifacts", async (request) => {
    const run = await requireRun(context, runId(request.params));
    return { runId: run.id, artifacts: (await listArtifacts(context.db, [run.id])).map(artifactJson) };
  });
};
