import { ExitCode, readConfiguration } from "../contract";
import type { Agent, RoutingConfiguration } from "../contract";
import type { QueueInspection } from "../queue";
import { failed, ok, unavailable, warning } from "./check";
import type { Check, Outcome, PreflightContext } from "./check";
import { NotYetError, waitFor } from "./wait-for";

/** A queue's fixed name in check ids; its name on the broker is configurable. */
export type QueueRole = "speckit" | "codex" | "gemini";

/** The queues each worker consumes. */
export const QUEUES_OF: Readonly<Record<Agent, readonly QueueRole[]>> = { codex: ["speckit", "codex"], gemini: ["gemini"] };

export function queueName(role: QueueRole, config: RoutingConfiguration): string {
  return { speckit: config.CELERY_DEFAULT_QUEUE, codex: config.SPEC_WORKFLOW_CODEX_QUEUE, gemini: config.GEMINI_CELERY_QUEUE }[role];
}

/** A queue this worker consumes exists and has the right type. Waits for the broker. */
export function queueCheck(role: QueueRole): Check {
  return {
    id: `queue.${role}`,
    what: `the queue ${role} exists on the broker and is a quorum queue; waits for the broker`,
    workers: (["codex", "gemini"] as const).filter((agent) => QUEUES_OF[agent].includes(role)),
    refuses: [ExitCode.CONFIGURATION, ExitCode.UNAVAILABLE],
    fix: "start the broker (69); create the queue from the broker's definitions, correct user or virtual host (78). A classic queue is a warning",
    run: (context) => checkQueue(queueName(role, context.config), context),
  };
}

/** The verdict on a queue. */
export function judgeQueue(queue: string, broker: string, seen: QueueInspection): Outcome {
  const expected = `quorum queue ${queue} at ${broker}`;
  const facts = { queueBindings: [{ queue, type: seen.type ?? "absent", ready: seen.exists }] };
  if (!seen.exists) {
    return failed(
      `there is no queue ${queue}`,
      expected,
      "the fleet's own broker creates it from its definitions: codex-fleet secrets init, then codex-fleet up; on a broker of your own, create it as a quorum queue, bound to the exchange with its own name as routing key",
      facts,
    );
  }
  if (seen.type === "quorum") return ok(`${expected}, ${seen.messages} waiting`, expected, facts);
  const lost = "without a delivery limit and dead letters, a message that kills its worker is delivered again forever";
  if (seen.type === "classic")
    return warning(`${queue} is a classic queue: ${lost}`, expected, "create a quorum queue with another name and set that name", facts);
  return warning(`${queue} exists, the broker does not say its type`, expected, `check that it is a quorum queue; ${lost}`, facts);
}

/** What to do about a broker's refusal; undefined for errors that may pass by waiting. */
export function brokerRefusal(message: string): string | undefined {
  if (/ACCESS[_-]REFUSED/.test(message))
    return "set RABBITMQ_USER and RABBITMQ_PASSWORD to those of the broker's definitions, with the right to read the queue: codex-fleet secrets list";
  if (/NOT[_-]ALLOWED/.test(message)) return "correct the virtual host at the end of CELERY_BROKER_URL";
  return undefined;
}

async function checkQueue(queue: string, context: PreflightContext): Promise<Outcome> {
  const { BROKER_VARIABLES, inspectQueues } = await import("../queue");
  const config = { ...context.config, ...readConfiguration(BROKER_VARIABLES, context.environment, context.secrets) };
  const expected = `quorum queue ${queue} at ${config.CELERY_BROKER_URL}`;
  try {
    const inspection = await waitFor(async () => {
      try {
        return (await inspectQueues(config, [queue]))[0]!;
      } catch (error) {
        const { message } = error as Error;
        throw brokerRefusal(message) === undefined ? new NotYetError(message) : error;
      }
    }, context.waiting);
    return judgeQueue(queue, config.CELERY_BROKER_URL, inspection);
  } catch (error) {
    const { message } = error as Error;
    const refused = brokerRefusal(message);
    if (refused !== undefined) return failed(`the broker refused ${config.RABBITMQ_USER}: ${message}`, expected, refused);
    return unavailable(
      `the broker does not answer: ${message}`,
      expected,
      "start it, or correct CELERY_BROKER_URL; the worker tries again when it is restarted",
    );
  }
}
