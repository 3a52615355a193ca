import { listTasks } from "../../store";
import type { Route } from "../api-context";
import { taskJson } from "../run-json";
import { requireRun, runId } from "./run-id";

/** GET /runs/{id}/tasks: every attempt of every stage, in order of creation. */
export const listTasksRoute: Route = (app, context) => {
  app.get("/runs/:id/tasks", async (request) => {
    const run = await requireRun(context, runId(request.params));
    return { runId: run.id, tasks: (await listTasks(context.db, [run.id])).map(taskJson) };
  });
};
