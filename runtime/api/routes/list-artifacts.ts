import { listArtifacts } from "../../store";
import type { Route } from "../api-context";
import { artifactJson } from "../run-json";
import { requireRun, runId } from "./run-id";

/** GET /runs/{id}/artifacts: the list of artifacts without their contents. */
export const listArtifactsRoute: Route = (app, context) => {
  app.get("/runs/:id/artifacts", async (request) => {
    const run = await requireRun(context, runId(request.params));
    return { runId: run.id, artifacts: (await listArtifacts(context.db, [run.id])).map(artifactJson) };
  });
};
