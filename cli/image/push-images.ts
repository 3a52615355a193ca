import { COMMAND_NAME } from "../console/command-name";
import { OperatorError } from "../console/operator-error";
import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";

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

/** The images a fleet builds: their key in `[images]` and a service that runs each. */
export const BUILT_IMAGES = { worker: "celery_codex_worker", runtime: "api", broker: "rabbitmq" } as const;
export type BuiltImageKey = keyof typeof BUILT_IMAGES;

/** The reference an image is pushed to: repository, key, and the tag that is the digest of its inputs. */
export function pushReference(repository: string, key: BuiltImageKey, tags: readonly string[], id: string): string {
  const content = tags.map((tag) => /^codex-fleet\/\w+:([\w.-]+)$/.exec(tag)?.[1]).find((tag) => tag !== undefined);
  return `${repository}/${key}:${content ?? id.replace("sha256:", "").slice(0, 12)}`;
}

/** What is wrong with a repository to push to, or undefined. */
export function repositoryProblem(repository: string): string | undefined {
  if (/:\/\//.test(repository)) return "a registry is named without https://";
  if (/@|:[^/]*$/.test(repository) && !/^[^/]+:\d+$/.test(repository)) return "a repository is named without tag or digest";
  const [host = "", ...rest] = repository.split("/");
  if (!/[.:]/.test(host) && host !== "localhost") return `the first part must be a registry's host, got "${host}"`;
  if (rest.length === 0 || !rest.every((part) => /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(part)))
    return "the name must be lower-case words between slashes";
  return undefined;
}

/** The reference with the registry's digest, for an image of this repository: `host/name@sha256:…`. */
export function digestOf(reference: string, digests: readonly string[]): string | undefined {
  const name = reference.replace(/:[^:/]*$/, "");
  return digests.find((digest) => digest.startsWith(`${name}@sha256:`));
}
