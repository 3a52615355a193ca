import { AGENT_VARIABLES } from "./agent-variables";
import { NETWORK_VARIABLES } from "./network-variables";
import { SERVICE_VARIABLES } from "./service-variables";
import type { Variable } from "./variable";
import { WORKFLOW_VARIABLES } from "./workflow-variables";

/** Every variable the fleet understands. A name that is not here is refused at synth. */
export const VARIABLES = { ...SERVICE_VARIABLES, ...AGENT_VARIABLES, ...WORKFLOW_VARIABLES, ...NETWORK_VARIABLES } as const;

export type VariableName = keyof typeof VARIABLES;

/** All variables as one list, for tables and loops. */
export const VARIABLE_LIST: ReadonlyArray<readonly [VariableName, Variable]> = Object.entries(VARIABLES) as never;
