import { ServiceName } from "../../constructs/resource-names";
import { STAGES } from "../../runtime/contract/stage-name";
import { TOOL_NAMES } from "../pins/pinned-tool";
import { environmentNames, findProject } from "../project/project";

/** Names a placeholder of the command line stands for; none where nothing is known, such as outside of a project. */
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

/** Whoever presses Tab is told nothing of what is wrong. */
function projectEnvironments(): readonly string[] {
  try {
    return environmentNames(findProject());
  } catch {
    return [];
  }
}
