import type { Configuration } from "./configuration";
import type { Agent, Stage } from "./stage";

/** Variables that name exchange and queues. */
export const ROUTING_VARIABLES = [
  "CELERY_DEFAULT_EXCHANGE",
  "CELERY_DEFAULT_QUEUE",
  "SPEC_WORKFLOW_CODEX_QUEUE",
  "GEMINI_CELERY_QUEUE",
] as const;
export type RoutingConfiguration = Configuration<(typeof ROUTING_VARIABLES)[number]>;

/** The queue a stage's message goes to; the routing key is the same. Only submit needs its agent's own queue. */
export function queueOf(stage: Stage, agent: Agent, config: RoutingConfiguration): string {
  if (stage !== "submit") return config.CELERY_DEFAULT_QUEUE;
  return agent === "gemini" ? config.GEMINI_CELERY_QUEUE : config.SPEC_WORKFLOW_CODEX_QUEUE;
}

/** Every queue of the fleet, each once. */
export function queueNames(config: RoutingConfiguration): readonly string[] {
  return [...new Set([config.CELERY_DEFAULT_QUEUE, config.SPEC_WORKFLOW_CODEX_QUEUE, config.GEMINI_CELERY_QUEUE])];
}
