import { z } from "zod";
import type { RunRow } from "../../store";
import { getRun } from "../../store";
import { runNotFound } from "../api-error";
import type { ApiContext } from "../api-context";

const RunId = z.uuid();

/**
 * The id in a path. A text that is not a UUID cannot be a run's id: 404 too.
 *
 * @throws ApiFault 404
 */
export function runId(params: unknown): string {
  const { id } = params as { id: string };
  if (!RunId.safeParse(id).success) throw runNotFound(id);
  return id;
}

/** @throws ApiFault 404 */
export async function requireRun({ db }: ApiContext, id: string): Promise<RunRow> {
  const run = await getRun(db, id);
  if (run === undefined) throw runNotFound(id);
  return run;
}
