import { ServiceName } from "../../constructs/resource-names";
import { STAGES } from "../../runtime/contract/stage-name";
import { TOOL_NAMES } from "../pins/pinned-tool";
import { environmentNames, findProject } from "../project/project";

/** Names for a placeholder of the command line; empty when none are known, for example outside a project. */
export async function namesFor(placeholder: string): Promise<readonly string[]> {
  switch (placeholder) {
    case "env":
      return projectEnvironments();
    case "secret": {
      const { operatorSecrets } = await import("../secrets/operator-secret");
      return operatorSecrets({ broker: true, database: true });
    }
    case "own-secret":
      return ["postgres_password", "rabbitmq_password", "fleet_api_token"];
    case "tool@version":
      return TOOL_NAMES;
    case "service":
      return Object.values(ServiceName);
    case "stage=id":
      return STAGES.map((stage) => `${stage}=`);
    default:
      return [];
  }
}

/** Ignores errors: a person who presses Tab must not get error messages. */
function projectEnvironments(): readonly string[] {
  try {
    return environmentNames(findProject());
  } catch {
    return [];
  }
}
