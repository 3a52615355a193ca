import { existsSync } from "node:fs";
import { findInstance, otherInstances } from "../local/instance";
import { LocalFleet } from "../local/local-fleet";
import { ProgramCache, userCacheHome } from "../packages/program-cache";
import type { FleetEnvironment } from "../project/fleet-environment";

/** Deletion of an environment's data on the local engine, and of programs unpacked only for it. */
export interface Purge {
  /** Descriptions of what will be deleted. */
  readonly deleted: readonly string[];
  /** Deletes the current user's files; called before root changes to the account. */
  begin(): void;
  /** Deletes the account's files; called when nothing of the environment runs any more. */
  finish(say: (line: string) => void): Promise<void>;
}

/** Finds what to purge and deletes nothing yet. */
export async function planPurge(environment: FleetEnvironment): Promise<Purge> {
  const instance = await findInstance(environment);
  const others = otherInstances(instance);
  const cache = new ProgramCache(instance.account.cacheHome);
  // Root may have its own unpacked programs from the unit tests, which only root can delete.
  const own = new ProgramCache(userCacheHome());
  const caches = [
    ...(own.directory !== cache.directory && existsSync(own.directory) ? [own] : []),
    ...(others.length === 0 && existsSync(cache.directory) ? [cache] : []),
  ];
  return {
    deleted: [
      ...(instance.exists() ? [`everything below ${instance.root} (database, messages, work trees, login, secrets)`] : []),
      ...caches.map(({ directory }) => `the unpacked programs in ${directory}`),
    ],
    begin: () => {
      if (caches.includes(own)) own.remove();
    },
    finish: async (say) => {
      if (instance.exists()) await new LocalFleet(environment, instance).purge();
      const used = caches.includes(cache) ? cache.remove() : [];
      say(`${environment.name} is purged: the local engine has nothing of it any more`);
      if (used.length > 0) say(`kept in ${cache.directory}, because it is still in use: ${used.join(", ")}`);
      if (others.length > 0 && existsSync(cache.directory)) say(`kept ${cache.directory}, the unpacked programs of ${others.join(", ")}`);
    },
  };
}
