import { SECRET_CONSUMERS } from "../runtime/contract";
import type { SettingIssue } from "./environment-problem";
import type { EnvironmentSettings } from "./environment-schema";
import { listenOverlap } from "./listen-address";
import { ResourceNames } from "./resource-names";

/** An environment with its name. */
export interface NamedSettings {
  readonly name: string;
  readonly settings: EnvironmentSettings;
}

/**
 * What two environments on one engine would both own: a login volume, or an address and port of the host. All other names
 * have the environment's name as prefix. Returns issues of `other`; empty when both environments can exist together.
 */
export function collisions(one: NamedSettings, other: NamedSettings): SettingIssue[] {
  if ((one.settings.engine.host ?? "") !== (other.settings.engine.host ?? "")) return [];
  return [...volumeCollisions(one, other), ...portCollisions(one, other)];
}

/** Issues of a login volume that has the name of another volume of its own environment. */
export function ownCollisions({ name, settings }: NamedSettings): SettingIssue[] {
  const volume = settings.codex.volume_name;
  if (!prefixedVolumes(name).includes(volume)) return [];
  return [
    {
      path: ["codex", "volume_name"],
      message: `must not be the name of another volume of the environment, got "${volume}"`,
      fix: "give the login a volume of its own",
    },
  ];
}

function volumeCollisions(one: NamedSettings, other: NamedSettings): SettingIssue[] {
  const shared = volumesOf(one).filter((volume) => volumesOf(other).includes(volume));
  return shared.map((volume) => ({
    path: ["codex", "volume_name"],
    message: `names the volume "${volume}", which environment ${one.name} owns as well as ${other.name}`,
    fix: "give one of them another name, or set codex.volume_imported = true where it is only used",
  }));
}

function volumesOf({ name, settings: { codex } }: NamedSettings): string[] {
  return [...(codex.volume_imported ? [] : [codex.volume_name]), ...prefixedVolumes(name)];
}

function prefixedVolumes(environment: string): string[] {
  const names = new ResourceNames(environment);
  return [...Object.values(names.volumes), ...SECRET_CONSUMERS.map((consumer) => names.secrets(consumer))];
}

function portCollisions(one: NamedSettings, other: NamedSettings): SettingIssue[] {
  return published(one.settings).flatMap(({ address: taken }) =>
    published(other.settings)
      .filter(({ address }) => listenOverlap(address, taken))
      .map(({ path, address }) => ({
        path,
        message: `makes ${other.name} publish ${address}, where environment ${one.name} publishes ${taken}`,
        fix: "choose another port in one of them, or set engine.host when they run on different engines",
      })),
  );
}

function published({ api, demo }: EnvironmentSettings): { readonly path: readonly string[]; readonly address: string }[] {
  const github = { path: ["demo", "github_listen"], address: demo.github_listen };
  return [{ path: ["api", "listen"], address: api.listen }, ...(demo.scripted_services ? [github] : [])];
}
