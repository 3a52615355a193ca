import { ServiceName } from "../../constructs/resource-names";
import { parseDuration, stageDurations } from "../../runtime/contract";
import { PORT_MAPPER } from "./fleet-services";

/** How a service is told to stop, and how long it may take, in milliseconds. */
export interface StopOrder {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly limit: number;
}

/** Broker and database write down what they have. */
const SERVER_LIMIT = 60_000;

/** From outside in: nobody loses what it still needs to finish. */
const TIERS: readonly (readonly string[])[] = [
  [ServiceName.codexWorker, ServiceName.geminiWorker],
  [ServiceName.api, ServiceName.scriptedModel, ServiceName.scriptedGithub],
  [ServiceName.broker],
  [PORT_MAPPER, ServiceName.database],
];

/**
 * Groups of services; a group is stopped when the one before it has ended.
 *
 * @param stageTimeout `stages.timeout` of the environment: workers finish what they run.
 */
export function stopPlan(running: readonly string[], stageTimeout: string): StopOrder[][] {
  const { grace } = stageDurations(parseDuration(stageTimeout));
  return TIERS.map((tier, index) =>
    tier
      .filter((name) => running.includes(name))
      .map((name) => ({
        name,
        // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
        signal: name === ServiceName.database ? ("SIGINT" as const) : ("SIGTERM" as const),
        limit: index === 0 ? grace : SERVER_LIMIT,
      })),
  ).filter((group) => group.length > 0);
}

/** Every service the local engine knows. */
export const LOCAL_SERVICES: readonly string[] = TIERS.flat();
