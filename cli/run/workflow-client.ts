import { z } from "zod";
import { ApiError, Run } from "../../runtime/contract";
import type { CreateRunRequest, RunStatus } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { CliExitCode } from "../console/exit-code";
import { OperatorError } from "../console/operator-error";

const RUNS = "/api/workflows/speckit/runs";
const RunPage = z.object({ items: z.array(Run) });

/** Nothing answered at the API's address. */
export class ApiUnreachableError extends OperatorError {}

/** Client of the fleet's API. */
export class WorkflowClient {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  createRun(request: z.input<typeof CreateRunRequest>): Promise<Run> {
    return this.call("POST", RUNS, Run, request);
  }

  /** URL of a run in the API. */
  addressOf(id: string): string {
    return `${this.url}${RUNS}/${id}`;
  }

  run(id: string): Promise<Run> {
    return this.call("GET", `${RUNS}/${id}`, Run);
  }

  /** The newest run, optionally with a given status. */
  async newestRun(status?: RunStatus): Promise<Run | undefined> {
    const query = new URLSearchParams({ limit: "1", includeTasks: "true", ...(status === undefined ? {} : { status }) });
    return (await this.call("GET", `${RUNS}?${query.toString()}`, RunPage)).items[0];
  }

  /** @throws OperatorError with the API's message, or why the API cannot be reached. */
  private async call<T>(method: string, path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: Error) => {
      const cause = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.message;
      throw new ApiUnreachableError(
        `the API at ${this.url} does not answer (${cause}): is the fleet up? ${COMMAND_NAME} up starts it`,
        CliExitCode.FAILED,
      );
    });
    const json: unknown = await response.json().catch(() => undefined);
    if (response.ok) return schema.parse(json);
    const problem = ApiError.safeParse(json);
    const said = problem.success ? `${problem.data.detail.message} (${problem.data.detail.code})` : "it gave no reason";
    throw new OperatorError(
      `${method} ${path} was answered with ${response.status}: ${said}${tokenHint(response.status)}`,
      CliExitCode.FAILED,
    );
  }
}

function tokenHint(status: number): string {
  return status === 401 || status === 403 ? "; the token comes from FLEET_API_TOKEN or from the secrets volume of the environment" : "";
}
