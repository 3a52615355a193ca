import type { Logger } from "pino";
import type { CodingAgent } from "../agents";
import type { Agent } from "../contract";
import type { Publisher } from "../queue";
import type { Database } from "../store";
import type { StageConfiguration } from "./stage-configuration";

/** What a stage runner needs to run stages. */
export interface StageRunnerServices {
  readonly db: Database;
  readonly publisher: Publisher;
  readonly config: StageConfiguration;
  readonly agents: Readonly<Record<Agent, () => CodingAgent>>;
  readonly log: Logger;
  /** Names this process in leases; no other process has the same. */
  readonly holder: string;
  /** Aborted when the process is told to stop. */
  readonly stop: AbortSignal;
}
