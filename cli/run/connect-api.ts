import { listenUrl } from "../../constructs/listen-address";
import { readSecretFiles } from "../docker/secret-volumes";
import { readLocalSecrets } from "../local/local-secrets";
import { meantInstance } from "../local/running-services";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { WorkflowClient } from "./workflow-client";

/**
 * The API of an environment: at FLEET_API_URL with FLEET_API_TOKEN where they are set, else where the environment
 * publishes it, with the token of its secrets volume.
 *
 * @param known The stored token, where it was read already.
 * @throws OperatorError when there is no token.
 */
export async function connectApi(environment: FleetEnvironment, known?: string): Promise<WorkflowClient> {
  const url = process.env.FLEET_API_URL ?? listenUrl(environment.settings.api.listen);
  const token = process.env.FLEET_API_TOKEN ?? known ?? (await storedToken(environment));
  if (token !== undefined) return new WorkflowClient(url.replace(/\/+$/, ""), token);
  throw new OperatorError(
    `${environment.name} has no API token yet: "codex-fleet secrets init ${environment.name}" makes one, or set FLEET_API_TOKEN`,
  );
}

async function storedToken(environment: FleetEnvironment): Promise<string | undefined> {
  const instance = await meantInstance(environment);
  const files = instance === undefined ? await readSecretFiles(environment.name, ["api"]) : readLocalSecrets(instance, ["api"]);
  return files.find(({ name }) => name === "fleet_api_token")?.content.toString("utf8");
}
