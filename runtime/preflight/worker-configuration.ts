import { readConfiguration, VARIABLE_LIST } from "../contract";
import type { Agent, Configuration, VariableName } from "../contract";

export interface WorkerConfiguration {
  readonly worker: Agent;
  /** Name in logs and in the table of workers; two workers never share it. */
  readonly name: string;
  /** All variables but the secrets. */
  readonly config: Configuration<VariableName>;
  /** The login volume of a codex worker; a gemini worker has a directory of its own. */
  readonly codexHome: string;
}

/**
 * Reads all of the worker's variables.
 *
 * @throws ConfigurationError with every problem found.
 */
export function readWorkerConfiguration(environment: Readonly<Record<string, string | undefined>>, hostname: string): WorkerConfiguration {
  const names = VARIABLE_LIST.filter(([, variable]) => variable.secret !== true).map(([name]) => name);
  const config = readConfiguration(names, environment) as Configuration<VariableName>;
  const worker = config.FLEET_WORKER;
  const ownHome = environment["CODEX_HOME"] ?? `${environment["HOME"] ?? "/home/app"}/.codex`;
  return { worker, name: `${worker}@${hostname}`, config, codexHome: worker === "codex" ? config.CODEX_VOLUME_PATH : ownHome };
}
