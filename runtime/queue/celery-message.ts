import type { Options } from "amqplib";
import { CELERY_TASK_NAMES, queueOf, StageMessage } from "../contract";
import type { Agent, RoutingConfiguration } from "../contract";

/** A message ready for `channel.publish`. */
export interface CeleryMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly options: Options.Publish;
}

/**
 * A stage message in Celery's protocol 2.
 *
 * @param id Celery's task id, unique per message.
 */
export function celeryMessage(body: StageMessage, agent: Agent, id: string, config: RoutingConfiguration): CeleryMessage {
  const embed = { callbacks: null, errbacks: null, chain: null, chord: null };
  return {
    exchange: config.CELERY_DEFAULT_EXCHANGE,
    routingKey: queueOf(body.stage, agent, config),
    content: Buffer.from(JSON.stringify([[body], {}, embed])),
    options: {
      contentType: "application/json",
      contentEncoding: "utf-8",
      correlationId: id,
      messageId: id,
      persistent: true,
      mandatory: true,
      headers: {
        lang: "py",
        task: CELERY_TASK_NAMES[body.stage],
        id,
        root_id: id,
        parent_id: null,
        group: null,
        retries: 0,
        timelimit: [null, null],
        eta: null,
        expires: null,
        argsrepr: JSON.stringify([body]),
        kwargsrepr: "{}",
        origin: "codex-fleet",
        ignore_result: true,
      },
    },
  };
}

/** The stage message inside a Celery message, null when there is none. */
export function readCeleryMessage(content: Buffer): StageMessage | null {
  let body: unknown;
  try {
    body = JSON.parse(content.toString("utf8"));
  } catch {
    return null;
  }
  const args: unknown = Array.isArray(body) ? body[0] : undefined;
  const result = StageMessage.safeParse(Array.isArray(args) ? args[0] : undefined);
  return result.success ? result.data : null;
}
