import { z } from "zod";
import { FeatureKey, flag, integer, RunStatus } from "../../contract";
import { listRuns, listTasks } from "../../store";
import { validate } from "../api-error";
import type { Route } from "../api-context";
import { decodeCursor, encodeCursor } from "../cursor";
import { runJson } from "../run-json";

const Cursor = z.string().transform((text, context) => {
  const before = decodeCursor(text);
  if (before !== undefined) return before;
  context.addIssue({ code: "custom", message: `"${text}" is not a cursor of this list: use nextCursor of the page before` });
  return z.NEVER;
});

const Query = z.strictObject({
  status: RunStatus.optional(),
  featureKey: FeatureKey.optional(),
  createdBy: z.uuid().optional(),
  limit: integer(1, 100).default(25),
  cursor: Cursor.optional(),
  includeTasks: flag.default(false),
});

/** GET /runs: newest first, one page per request. */
export const listRunsRoute: Route = (app, { db }) => {
  app.get("/runs", async (request) => {
    const query = validate(Query, request.query, { status: "invalid_status", cursor: "invalid_cursor" });
    const page = await listRuns(db, {
      limit: query.limit,
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(query.featureKey === undefined ? {} : { featureKey: query.featureKey }),
      ...(query.createdBy === undefined ? {} : { createdBy: query.createdBy }),
      ...(query.cursor === undefined ? {} : { before: query.cursor }),
    });
    const tasks = await listTasks(
      db,
      page.runs.map((run) => run.id),
    );
    return {
      items: page.runs.map((run) =>
        runJson(run, { tasks: tasks.filter((task) => task.run_id === run.id), includeTasks: query.includeTasks }),
      ),
      nextCursor: page.nextBefore === null ? null : encodeCursor(page.nextBefore),
    };
  });
};
