import type { Agent } from "../contract";
import type { AgentFailure } from "./agent";
import type { AgentProcessEnd } from "./agent-process";

/** The failure of an agent that the stage runner stopped, null when the agent ended by itself. */
export function processFailure(agent: Agent, end: Pick<AgentProcessEnd, "stopped">): AgentFailure | null {
  switch (end.stopped) {
    case "soft_limit":
    case "hard_limit":
      return {
        code: `${agent}_timed_out`,
        reason: `${agent} was stopped at the ${end.stopped === "soft_limit" ? "soft" : "hard"} time limit of the stage`,
        remediation: "split the task, or raise stages.timeout (SPEC_WORKFLOW_STAGE_TIMEOUT), then retry the run",
      };
    case "aborted":
      return {
        code: `${agent}_aborted`,
        reason: `${agent} was stopped because the stage ended`,
        remediation: "do nothing: another worker has taken over the stage",
      };
    case null:
      return null;
  }
}
