import type { EnvironmentInput } from "../../../constructs";
import type { Agent } from "../../../runtime/contract";
import type { ImageFault } from "../broken-images";
import type { FleetSurroundings, Lane } from "../fleet-surroundings";
import type { WorkerDefinition } from "../worker-container";

/** A shell script that runs in the lane's volumes, or a function that changes the worker's surroundings. */
export type Act = string | ((surroundings: FleetSurroundings, lane: Lane) => Promise<void>);

/** One fault of an otherwise healthy worker, and how the worker reports it. */
export interface BrokenWorker {
  /** The fault, in words. */
  readonly broken: string;
  /** All checks that do not pass, and a part of their fix. */
  readonly red: Readonly<Record<string, RegExp>>;
  /** Exit code of the refusal; `warns` if the worker works nevertheless, `waits` if it waits for a person. */
  readonly shows: 78 | 69 | "warns" | "waits";
  /** @default "codex" */
  readonly agent?: Agent;
  /** Settings of the environment, broken and fixed. */
  readonly settings?: EnvironmentInput;
  /** Variables, broken and fixed. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Virtual host of this worker. @default - the lane's */
  readonly vhost?: string;
  /** Queue that holds a message. @default the agent's own */
  readonly queue?: "speckit";
  /** A rejected message leaves no dead letter there: RabbitMQ applies no policy with a delivery limit to a classic queue. */
  readonly losesDeadLetters?: true;
  /** Network of this worker. @default - the one with broker and database */
  readonly network?: (surroundings: FleetSurroundings) => Promise<string>;
  /** Runs before the worker starts. */
  readonly spoil?: Act;
  readonly image?: ImageFault;
  readonly change?: (definition: WorkerDefinition, surroundings: FleetSurroundings) => void;
  /** Fixes the fault while the container exists; without it, a container with the right image or definition replaces it. */
  readonly mend?: Act;
}
