import type { ApiError } from "../contract";
import type { z } from "zod";

/** An error response: HTTP status, stable code, and a message that says what to do. */
export class ApiFault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly runId?: string,
  ) {
    super(message);
    this.name = "ApiFault";
  }

  toJson(): ApiError {
    return errorBody(this.code, this.message, this.runId);
  }
}

export function errorBody(code: string, message: string, runId?: string): ApiError {
  return { detail: { code, message, ...(runId === undefined ? {} : { runId }) } };
}

/** No such run. */
export function runNotFound(runId: string): ApiFault {
  return new ApiFault(404, "workflow_not_found", `there is no run ${runId}: GET /runs lists them`);
}

/**
 * Parses a value with its schema.
 *
 * @param codes The response's code by the name of the first wrong field, for fields with a code of their own.
 * @throws ApiFault 422 naming every field that is wrong.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  codes: Readonly<Record<string, string>> = {},
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const first = String(result.error.issues[0]?.path[0] ?? "");
  const message = result.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${lowerFirst(issue.message)}`).join("; ");
  throw new ApiFault(422, codes[first] ?? "invalid_request", message);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
