import type { StageConfiguration } from "./stage-configuration";
import type { RepositoryAddress } from "./work-tree";

/** The address of owner/name, and the address to which git may send the token. */
export function repositoryAddress(
  repository: string,
  config: Pick<StageConfiguration, "SPEC_WORKFLOW_GITHUB_GIT_URL" | "GITHUB_TOKEN">,
): RepositoryAddress {
  const gitUrl = config.SPEC_WORKFLOW_GITHUB_GIT_URL.replace(/\/+$/, "");
  const token = config.GITHUB_TOKEN;
  return { url: `${gitUrl}/${repository}`, credential: token === undefined ? undefined : { url: gitUrl, token } };
}
