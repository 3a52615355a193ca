import type { Agent, WorkerPhase } from "../contract";
import { QUEUES_OF } from "../preflight";
import type { QueueRole } from "../preflight";

/** What is known about a worker at one moment. */
export interface WorkerObservation {
  readonly worker: Agent;
  readonly stopping: boolean;
  /** Whether the agent can authenticate. */
  readonly loggedIn: boolean;
  /** Whether the managed Codex settings are still as preflight left them. */
  readonly policyIntact: boolean;
  /** Queues whose Celery process has recently shown that it consumes. */
  readonly fresh: ReadonlySet<QueueRole>;
  /** Whether the worker has consumed from all its queues at some time since its start. */
  readonly consumedBefore: boolean;
}

/** The phase that follows, the queues to consume from, and whether the worker is healthy. */
export interface WorkerPlan {
  readonly phase: WorkerPhase;
  readonly queues: readonly QueueRole[];
  readonly healthy: boolean;
}

/** Decides what the worker does next; called in every turn of its loop. */
export function planWorker(seen: WorkerObservation): WorkerPlan {
  if (seen.stopping) return { phase: "stopping", queues: [], healthy: false };
  const all = QUEUES_OF[seen.worker];
  const withoutAgent = all.filter((role) => role !== seen.worker);
  const consumes = (queues: readonly QueueRole[]) => queues.every((role) => seen.fresh.has(role));
  if (!seen.policyIntact) return { phase: "suspended", queues: withoutAgent, healthy: false };
  // Until a person logs in, the worker is healthy as long as it consumes from its other queues.
  if (!seen.loggedIn) return { phase: "waiting_for_login", queues: withoutAgent, healthy: consumes(withoutAgent) };
  if (consumes(all)) return { phase: "consuming", queues: all, healthy: true };
  return { phase: seen.consumedBefore ? "suspended" : "starting", queues: all, healthy: false };
}
