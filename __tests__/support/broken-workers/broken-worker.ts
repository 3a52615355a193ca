import type { EnvironmentInput } from "../../../constructs";
import type { Agent } from "../../../runtime/contract";
import type { ImageFault } from "../broken-images";
import type { FleetSurroundings, Lane } from "../fleet-surroundings";
import type { WorkerDefinition } from "../worker-container";

/** A shell script for the hand in the lane's volumes, or something done to what is around the worker. */
export type Act = string | ((surroundings: FleetSurroundings, lane: Lane) => Promise<void>);

/** One thing that is broken in a worker that is well otherwise, and how it shows. */
export interface BrokenWorker {
  /** Broken how, in words. */
  readonly broken: string;
  /** The checks that are red, all of them, and what their advice says. */
  readonly red: Readonly<Record<string, RegExp>>;
  /** Exit code of the refusal; `warns` where it works all the same, `waits` where it waits for a person. */
  readonly shows: 78 | 69 | "warns" | "waits";
  /** @default "codex" */
  readonly agent?: Agent;
  /** Settings of the environment, broken and mended. */
  readonly settings?: EnvironmentInput;
  /** Variables, broken and mended. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Its own virtual host. @default - the lane's */
  readonly vhost?: string;
  /** Queue that holds a message. @default the agent's own */
  readonly queue?: "speckit";
  /** A rejected message leaves no dead letter there: RabbitMQ applies no policy with a delivery limit to a classic queue. */
  readonly losesDeadLetters?: true;
  /** Its own network. @default - the one with broker and database */
  readonly network?: (surroundings: FleetSurroundings) => Promise<string>;
  /** Before the worker starts. */
  readonly spoil?: Act;
  readonly image?: ImageFault;
  readonly change?: (definition: WorkerDefinition, surroundings: FleetSurroundings) => void;
  /** What mends it while the container is there; without it, a container with the right image or definition takes over. */
  readonly mend?: Act;
}
