import type { FastifyInstance } from "fastify";
import { SCHEMA_VERSION, schemaVersion } from "../../store";
import type { ApiContext } from "../api-context";

/** GET /healthz says that the process answers, GET /readyz that it can do its work. Both without a token. */
export function healthRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get("/healthz", async () => ({ status: "alive" }));
  app.get("/readyz", async (_request, reply) => {
    const checks = await Promise.all([databaseCheck(context), brokerCheck(context)]);
    const reasons = checks.filter((reason) => reason !== null);
    if (reasons.length === 0) return { status: "ready" };
    return reply.code(503).send({ status: "not_ready", reasons });
  });
}

async function databaseCheck({ db }: ApiContext): Promise<string | null> {
  try {
    const version = await schemaVersion(db);
    if (version >= SCHEMA_VERSION) return null;
    return `the database has schema version ${version}, this API needs ${SCHEMA_VERSION}: restart the API, it migrates at start`;
  } catch (error) {
    return `the database does not answer: ${describe(error)}`;
  }
}

async function brokerCheck({ publisher }: ApiContext): Promise<string | null> {
  try {
    await publisher.check();
    return null;
  } catch (error) {
    return `the broker cannot be used: ${describe(error)}`;
  }
}

/** A connection refused on every address of a host is an AggregateError without a message. */
function describe(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}
