import type { Json, Stack } from "./synthesized";

/** Addresses (`type.name`) a resource refers to or names in depends_on. */
function dependencies(resource: Json, addresses: readonly string[]): string[] {
  const text = JSON.stringify(resource);
  return addresses.filter(
    (address) => text.includes(`\${${address}.`) || ((resource.depends_on as string[] | undefined) ?? []).includes(address),
  );
}

/**
 * Containers that Terraform would create before it destroys their predecessors, because a resource with
 * create_before_destroy depends on them, with the path between the two. Empty for a correct stack.
 */
export function containersForcedToCreateFirst(stack: Stack): string[] {
  const resources = new Map(
    Object.entries(stack.resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, resource]) => [`${type}.${name}` as string, resource] as const),
    ),
  );
  const addresses = [...resources.keys()];
  const walk = (address: string, way: readonly string[]): string[] =>
    dependencies(resources.get(address)!, addresses)
      .filter((next) => !way.includes(next))
      .flatMap((next) => [...(next.startsWith("docker_container.") ? [[...way, next].join(" -> ")] : []), ...walk(next, [...way, next])]);
  const createdFirst = addresses.filter(
    (address) => (resources.get(address)!.lifecycle as Json | undefined)?.create_before_destroy === true,
  );
  return createdFirst.flatMap((address) => walk(address, [address]));
}
