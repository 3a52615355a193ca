import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";
import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";
import { BUILT_IMAGES, digestOf, pushReference, repositoryProblem } from "./pushed-image";
import type { BuiltImageKey } from "./pushed-image";

/**
 * Pushes the images that an environment's containers run on, so that others deploy exactly the tested images.
 *
 * @returns a reference with digest for each key of `[images]`.
 * @throws OperatorError when a service has no container, or the registry refuses.
 */
export async function pushImages(environment: string, repository: string): Promise<Readonly<Record<BuiltImageKey, string>>> {
  const problem = repositoryProblem(repository);
  if (problem !== undefined) throw new OperatorError(`cannot push to ${repository}: ${problem}`);
  const containers = await listContainers(environment);
  const missing = Object.values(BUILT_IMAGES).filter((service) => !containers.some((each) => each.service === service));
  if (missing.length > 0)
    throw new OperatorError(`${environment} has no ${missing.join(", ")}: run ${COMMAND_NAME} up ${environment} first; nothing was pushed`);
  const pushed: [string, string][] = [];
  for (const [key, service] of Object.entries(BUILT_IMAGES)) {
    const container = containers.find((each) => each.service === service)!;
    pushed.push([key, await pushImage(container.id, repository, key as BuiltImageKey)]);
  }
  return Object.fromEntries(pushed) as Record<BuiltImageKey, string>;
}

/** The table of an environment file that deploys these images. */
export function imageKeys(images: Readonly<Record<string, string>>): string {
  return ["[images]", ...Object.entries(images).map(([key, reference]) => `${key} = "${reference}"`)].join("\n");
}

async function pushImage(container: string, repository: string, key: BuiltImageKey): Promise<string> {
  const id = await docker(["inspect", "--format", "{{.Image}}", container]);
  const inspect = async (field: string): Promise<string[]> =>
    JSON.parse(await docker(["image", "inspect", "--format", `{{json .${field}}}`, id])) as string[];
  const reference = pushReference(repository, key, await inspect("RepoTags"), id);
  await docker(["tag", id, reference]);
  await docker(["push", "--quiet", reference]);
  const digest = digestOf(reference, await inspect("RepoDigests"));
  if (digest === undefined) throw new OperatorError(`${reference} was pushed, but the registry named no digest for it`, 1);
  return digest;
}
