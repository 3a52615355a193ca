import { CreateRunRequest, plannedDecisions, queueOf } from "../../contract";
import { createRun } from "../../store";
import { ApiFault, validate } from "../api-error";
import type { Route } from "../api-context";
import { startRun } from "../start-run";

/** POST /runs: creates a run and starts it. */
export const createRunRoute: Route = (app, context) => {
  const { db, config } = context;
  app.post("/runs", async (request, reply) => {
    const body = validate(CreateRunRequest, request.body ?? {});
    const repository = body.repository ?? config.SPEC_WORKFLOW_GITHUB_REPOSITORY;
    if (repository === undefined) {
      throw new ApiFault(
        422,
        "invalid_request",
        "repository: is missing and SPEC_WORKFLOW_GITHUB_REPOSITORY names no default: give owner/name",
      );
    }
    const run = await startRun(context, () =>
      createRun(db, {
        repository,
        featureKey: body.featureKey ?? config.SPEC_WORKFLOW_DEFAULT_FEATURE_KEY ?? null,
        agent: body.agent,
        skillOverrides: body.skillOverrides,
        notes: body.notes ?? null,
        createdBy: body.createdBy ?? null,
        codexQueue: queueOf("submit", body.agent, config),
        codexVolume: body.agent === "codex" ? config.CODEX_VOLUME_NAME : null,
        workspaceRoot: config.SPEC_WORKFLOW_WORKSPACE_ROOT,
        plannedDecisions: plannedDecisions(body.skillOverrides, config),
      }),
    );
    return reply.code(202).send(run);
  });
};
