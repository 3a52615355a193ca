import { existsSync } from "node:fs";
import { findInstance, otherInstances } from "../local/instance";
import { LocalFleet } from "../local/local-fleet";
import { ProgramCache, userCacheHome } from "../packages/program-cache";
import type { FleetEnvironment } from "../project/fleet-environment";

/** What the local engine has of an environment, and the programs that were unpacked for it and for no other. */
export interface Purge {
  /** What will be deleted, in words. */
  readonly deleted: readonly string[];
  /** Deletes what is this user's own, before root gives up its rights. */
  begin(): void;
  /** Deletes what is the account's, when nothing of the environment runs any more. */
  finish(say: (line: string) => void): Promise<void>;
}

/** What there is to purge; nothing is deleted yet. */
export async function planPurge(environment: FleetEnvironment): Promise<Purge> {
  const instance = await findInstance(environment);
  const others = otherInstances(instance);
  const cache = new ProgramCache(instance.account.cacheHome);
  // Root's unit tests have programs of their own, which no other user can change.
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
      say(`${environment.name} is purged: nothing of it is left on the local engine`);
      if (used.length > 0) say(`kept in ${cache.directory}, because it still runs: ${used.join(", ")}`);
      if (others.length > 0 && existsSync(cache.directory)) say(`kept ${cache.directory}, the unpacked programs of ${others.join(", ")}`);
    },
  };
}
