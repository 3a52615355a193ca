import { z } from "zod";
import { Stage } from "./stage";

/** Version of the message body; a worker rejects every other version. */
export const MESSAGE_SCHEMA = 1;

/**
 * Body of a queue message, the only argument of a Celery task. PostgreSQL is the truth: the queue only wakes a worker.
 */
export const StageMessage = z.strictObject({
  runId: z.uuid(),
  stage: Stage,
  attempt: z.int().positive(),
  schema: z.literal(MESSAGE_SCHEMA),
});
export type StageMessage = z.infer<typeof StageMessage>;

/** Suffix of the queue that takes the dead letters of a queue. */
export const DEAD_LETTER_SUFFIX = ".dead";

/** Deliveries beyond the first before a message becomes a dead letter (RabbitMQ's `delivery-limit`). */
export const DELIVERY_LIMIT = 3;
