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
