import { COMMAND_NAME } from "../console/command-name";
import { UsageError } from "../console/operator-error";
import { canAsk, choose } from "../console/question";
import { loadEnvironment } from "./fleet-environment";
import type { FleetEnvironment } from "./fleet-environment";
import { environmentNames, findProject } from "./project";

/** The environment with a scripted model and GitHub; it is chosen when no name is given. */
const DEMONSTRATION = "demo";

/**
 * Loads the environment for a command: the named one; else the only one; else `demo`, if its services are scripted; else
 * the one a person chooses.
 *
 * @param command How the command is called, for the hint: `ps`.
 * @throws UsageError with all names, when nobody can be asked.
 */
export async function chooseEnvironment(named: string | undefined, command: string): Promise<FleetEnvironment> {
  if (named !== undefined) return loadEnvironment(named);
  const project = findProject();
  const names = environmentNames(project);
  const choice = defaultEnvironment(names, () => loadEnvironment(DEMONSTRATION).settings.demo.scripted_services);
  if (choice !== undefined) return loadEnvironment(choice);
  if (names.length === 0) throw new UsageError(`${project.environments} has no environment: write one, for example dev.toml`);
  if (canAsk()) return loadEnvironment(await choose("which environment?", names));
  throw new UsageError(`which environment? there are ${names.join(", ")}: name one, for example ${COMMAND_NAME} ${command} ${names[0]}`);
}

/** The default environment when none is named; undefined when a person has to choose. */
export function defaultEnvironment(names: readonly string[], demonstrationIsScripted: () => boolean): string | undefined {
  if (names.length === 1) return names[0];
  return names.includes(DEMONSTRATION) && demonstrationIsScripted() ? DEMONSTRATION : undefined;
}
