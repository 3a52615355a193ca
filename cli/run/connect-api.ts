import { listenUrl } from "../../constructs/listen-address";
import { COMMAND_NAME } from "../console/command-name";
import { readSecretFiles } from "../docker/secret-volumes";
import { meantFleet } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { WorkflowClient } from "./workflow-client";

/**
 * The API of an environment, at FLEET_API_URL with FLEET_API_TOKEN if they are set; else at the address the environment
 * publishes, with the token from its secrets volume.
 *
 * @param known The stored token, if it was already read.
 * @throws OperatorError when there is no token.
 */
export async function connectApi(environment: FleetEnvironment, known?: string): Promise<WorkflowClient> {
  const { FLEET_API_URL, FLEET_API_TOKEN } = process.env;
  const given = known !== undefined || (FLEET_API_URL !== undefined && FLEET_API_TOKEN !== undefined);
  const local = given ? undefined : await meantFleet(environment);
  const url = FLEET_API_URL ?? listenUrl(local?.apiListen() ?? environment.settings.api.listen);
  const token = FLEET_API_TOKEN ?? known ?? (local === undefined ? await storedToken(environment) : local.apiToken());
  if (token !== undefined) return new WorkflowClient(url.replace(/\/+$/, ""), token);
  throw new OperatorError(
    `${environment.name} has no API token yet: ${COMMAND_NAME} secrets init ${environment.name} creates one, or set FLEET_API_TOKEN`,
  );
}

async function storedToken({ name }: FleetEnvironment): Promise<string | undefined> {
  const files = await readSecretFiles(name, ["api"]);
  return files.find((file) => file.name === "fleet_api_token")?.content.toString("utf8");
}
