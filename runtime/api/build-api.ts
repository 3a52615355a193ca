import Fastify, { LogController } from "fastify";
import type { FastifyError, FastifyInstance } from "fastify";
import { ApiFault, errorBody } from "./api-error";
import type { ApiContext, Route } from "./api-context";
import { authenticate } from "./authentication";
import { createRunRoute } from "./routes/create-run";
import { getRunRoute } from "./routes/get-run";
import { healthRoutes } from "./routes/health";
import { listArtifactsRoute } from "./routes/list-artifacts";
import { listRunsRoute } from "./routes/list-runs";
import { listTasksRoute } from "./routes/list-tasks";
import { retryRunRoute } from "./routes/retry-run";

/** Path below which every route of the workflow is. */
export const API_PREFIX = "/api/workflows/speckit";

/** In bytes; a body has a few hundred, and notes may have 1024 characters. */
const BODY_LIMIT = 64 * 1024;

const ROUTES: readonly Route[] = [createRunRoute, listRunsRoute, getRunRoute, listTasksRoute, listArtifactsRoute, retryRunRoute];

/** The HTTP application, not listening yet. */
export function buildApi(context: ApiContext): FastifyInstance {
  const app = Fastify({
    loggerInstance: context.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? undefined : JSON.parse(String(body)));
    } catch (error) {
      done(new ApiFault(422, "invalid_request", `the body is not JSON: ${(error as Error).message}`));
    }
  });
  app.setErrorHandler((error: FastifyError | ApiFault, request, reply) => {
    const fault = asFault(error);
    if (fault.status >= 500) request.log.error({ err: error }, "request failed");
    return reply.code(fault.status).send(fault.toJson());
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(errorBody("not_found", `there is no ${request.method} ${request.url.split("?")[0]}; the API is below ${API_PREFIX}`)),
  );
  app.addHook("onResponse", async (request, reply) => {
    const fields = { method: request.method, url: request.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    if (request.url.startsWith(API_PREFIX)) request.log.info(fields, "request");
    else request.log.debug(fields, "request");
  });
  healthRoutes(app, context);
  void app.register(
    async (scope) => {
      scope.addHook("onRequest", async (request) => authenticate(request.headers.authorization, context.config.FLEET_API_TOKEN));
      for (const route of ROUTES) route(scope, context);
    },
    { prefix: API_PREFIX },
  );
  return app;
}

function asFault(error: FastifyError | ApiFault): ApiFault {
  if (error instanceof ApiFault) return error;
  const status = error.statusCode ?? 500;
  if (status < 500) return new ApiFault(status, "invalid_request", error.message);
  return new ApiFault(500, "internal_error", "the request failed inside the API: its log has the reason");
}
