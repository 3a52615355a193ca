/** Images of a fleet that are built, by their key in `[images]`, with the service that runs each. */
export const BUILT_IMAGES = { worker: "celery_codex_worker", runtime: "api", broker: "rabbitmq" } as const;
export type BuiltImageKey = keyof typeof BUILT_IMAGES;

/** Where an image goes: its key below the repository, under the tag that names its content. */
export function pushReference(repository: string, key: BuiltImageKey, tags: readonly string[], id: string): string {
  const content = tags.map((tag) => /^codex-fleet\/\w+:([\w.-]+)$/.exec(tag)?.[1]).find((tag) => tag !== undefined);
  return `${repository}/${key}:${content ?? id.replace("sha256:", "").slice(0, 12)}`;
}

/** What is wrong with a repository images are to be pushed to, or undefined. */
export function repositoryProblem(repository: string): string | undefined {
  if (/:\/\//.test(repository)) return "a registry is named without https://";
  if (/@|:[^/]*$/.test(repository) && !/^[^/]+:\d+$/.test(repository)) return "a repository is named without tag or digest";
  const [host = "", ...rest] = repository.split("/");
  if (!/[.:]/.test(host) && host !== "localhost") return `the first part must be a registry's host, got "${host}"`;
  if (rest.length === 0 || !rest.every((part) => /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(part)))
    return "the name must be lower-case words between slashes";
  return undefined;
}

/** The digest a registry gave an image of this repository: `host/name@sha256:…`. */
export function digestOf(reference: string, digests: readonly string[]): string | undefined {
  const name = reference.replace(/:[^:/]*$/, "");
  return digests.find((digest) => digest.startsWith(`${name}@sha256:`));
}
