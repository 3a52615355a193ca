import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Publisher } from "../queue";
import type { Database } from "../store";
import type { ApiConfiguration } from "./api-configuration";

/** What every route and background loop of the API uses. */
export interface ApiContext {
  readonly db: Database;
  readonly publisher: Publisher;
  readonly config: ApiConfiguration;
  readonly logger: Logger;
}

/** Adds one route to the application. */
export type Route = (app: FastifyInstance, context: ApiContext) => void;
