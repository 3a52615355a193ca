import type { EnvironmentSettings } from "./environment-schema";
import { SCRIPTED_GITHUB_PORT } from "./resource-names";

/** An environment with its name. */
export interface NamedSettings {
  readonly name: string;
  readonly settings: EnvironmentSettings;
}

/**
 * What two environments on one engine would both own: a login volume, or an address and port of the host. Everything
 * else is prefixed with the environment's name. Empty when they can live side by side.
 */
export function collisions(one: NamedSettings, other: NamedSettings): string[] {
  if ((one.settings.engine.host ?? "") !== (other.settings.engine.host ?? "")) return [];
  return [...volumeCollisions(one, other), ...portCollisions(one, other)];
}

function volumeCollisions(one: NamedSettings, other: NamedSettings): string[] {
  const volume = one.settings.codex.volume_name;
  const both = volume === other.settings.codex.volume_name;
  if (!both || one.settings.codex.volume_imported || other.settings.codex.volume_imported) return [];
  return [
    `environments ${one.name} and ${other.name} both own the volume "${volume}" (codex.volume_name): give one another name, or set codex.volume_imported = true where it is only used`,
  ];
}

function portCollisions(one: NamedSettings, other: NamedSettings): string[] {
  return published(one.settings).flatMap((address) =>
    published(other.settings)
      .filter((taken) => overlap(address, taken))
      .map((taken) => {
        const place = address === taken ? address : `${address} and ${taken}`;
        return `environments ${one.name} and ${other.name} both publish ${place} (api.listen): choose another port in one of them, or set engine.host when they run on different engines`;
      }),
  );
}

function published(settings: EnvironmentSettings): string[] {
  return [settings.api.listen, ...(settings.demo.scripted_services ? [`127.0.0.1:${SCRIPTED_GITHUB_PORT}`] : [])];
}

/** An unspecified address takes the port of all. */
function overlap(one: string, other: string): boolean {
  const [left, right] = [one, other].map((listen) => /^(.+):(\d+)$/.exec(listen)!) as [RegExpExecArray, RegExpExecArray];
  if (left[2] !== right[2]) return false;
  return left[1] === right[1] || [left[1], right[1]].some((ip) => ip === "0.0.0.0" || ip === "[::]");
}
