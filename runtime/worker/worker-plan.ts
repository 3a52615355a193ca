import type { Agent, WorkerPhase } from "../contract";
import { QUEUES_OF } from "../preflight";
import type { QueueRole } from "../preflight";

/** What is known about a worker at one moment. */
export interface WorkerObservation {
  readonly worker: Agent;
  readonly stopping: boolean;
  /** Whether the agent can authenticate. */
  readonly loggedIn: boolean;
  /** Whether the managed Codex settings still stand as preflight left them. */
  readonly policyIntact: boolean;
  /** Queues whose Celery process has shown within the last seconds that it consumes. */
  readonly fresh: ReadonlySet<QueueRole>;
  /** Whether everything was consumed before, since the worker started. */
  readonly consumedBefore: boolean;
}

/** What follows: the phase, the queues that are to be consumed, and whether the worker is as it should be. */
export interface WorkerPlan {
  readonly phase: WorkerPhase;
  readonly queues: readonly QueueRole[];
  readonly healthy: boolean;
}

/** One decision for every turn of the worker's loop. */
export function planWorker(seen: WorkerObservation): WorkerPlan {
  if (seen.stopping) return { phase: "stopping", queues: [], healthy: false };
  const all = QUEUES_OF[seen.worker];
  const withoutAgent = all.filter((role) => role !== seen.worker);
  const consumes = (queues: readonly QueueRole[]) => queues.every((role) => seen.fresh.has(role));
  if (!seen.policyIntact) return { phase: "suspended", queues: withoutAgent, healthy: false };
  // A person has to log in: until then the worker is well as long as it does the rest.
  if (!seen.loggedIn) return { phase: "waiting_for_login", queues: withoutAgent, healthy: consumes(withoutAgent) };
  if (consumes(all)) return { phase: "consuming", queues: all, healthy: true };
  return { phase: seen.consumedBefore ? "suspended" : "starting", queues: all, healthy: false };
}
