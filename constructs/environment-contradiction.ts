import { posix } from "node:path";
import { ImageLayout, VARIABLE_LIST, VARIABLES } from "../runtime/contract";
import { shown } from "./environment-problem";
import type { SettingIssue } from "./environment-problem";
import type { EnvironmentSettings } from "./environment-schema";
import { listenOverlap } from "./listen-address";

/** Issues of settings that are valid alone but not together. Skips sections that are invalid already. */
export function contradictions(sound: Partial<EnvironmentSettings>): SettingIssue[] {
  return [
    ...skillIssues(sound),
    ...proxyIssues(sound),
    ...codexIssues(sound),
    ...loginVolumeIssues(sound),
    ...embeddingIssues(sound),
    ...aliasIssues(sound),
    ...workspaceIssues(sound),
    ...backendIssues(sound),
    ...demoIssues(sound),
  ];
}

function skillIssues({ skills }: Partial<EnvironmentSettings>): SettingIssue[] {
  if (skills === undefined) return [];
  return (["default", "discover", "submit", "publish"] as const).flatMap((key) => {
    const skill = skills[key];
    if (skill === undefined || skills.allowed.includes(skill)) return [];
    return [
      {
        path: ["skills", key],
        message: `must be one of skills.allowed (${skills.allowed.join(", ")}), got ${shown(skill)}`,
        fix: `add it to skills.allowed or choose an allowed one`,
      },
    ];
  });
}

function proxyIssues({ network }: Partial<EnvironmentSettings>): SettingIssue[] {
  if (network?.proxy_credentials !== true || network.http_proxy !== undefined || network.https_proxy !== undefined) return [];
  return [
    {
      path: ["network", "proxy_credentials"],
      message: "must not be true without network.https_proxy or network.http_proxy: there is no proxy to give them to",
      fix: "set https_proxy, or remove the key",
    },
  ];
}

function codexIssues({ codex }: Partial<EnvironmentSettings>): SettingIssue[] {
  if (codex?.auth !== "none" || codex.provider_url !== undefined) return [];
  return [
    {
      path: ["codex", "auth"],
      message: 'must not be "none" without codex.provider_url: OpenAI accepts no anonymous calls',
      fix: 'set codex.provider_url, or auth to "chatgpt" or "api_key"',
    },
  ];
}

/** Paths that the image and the container's other mounts use. */
const TAKEN_PATHS = [
  ImageLayout.workspaces,
  "/bin",
  "/dev",
  "/etc",
  "/lib",
  "/opt/fleet",
  "/proc",
  "/run",
  "/sbin",
  "/sys",
  "/tmp",
  "/usr",
];

/** A new volume belongs to root, unless the image has a directory at its mount path, whose owner it then gets. */
function loginVolumeIssues({ codex }: Partial<EnvironmentSettings>): SettingIssue[] {
  const standard = VARIABLES.CODEX_VOLUME_PATH.default;
  if (codex === undefined || codex.volume_path === standard) return [];
  const { volume_path: path, volume_imported: imported } = codex;
  if (!imported) {
    return [
      {
        path: ["codex", "volume_path"],
        message: `must be "${standard}", which the image owns, so that a new volume belongs to the worker, got ${shown(path)}`,
        fix: "remove the key, or set volume_imported = true for an existing volume whose root directory belongs to uid 1000",
      },
    ];
  }
  const isTaken =
    [...TAKEN_PATHS, ImageLayout.home].some((taken) => within(taken, path)) || TAKEN_PATHS.some((taken) => within(path, taken));
  if (!isTaken && posix.normalize(path) === path && !path.endsWith("/")) return [];
  return [
    {
      path: ["codex", "volume_path"],
      message: `must be a plain path that the image does not use itself (not ${TAKEN_PATHS.join(", ")} or ${ImageLayout.home}), got ${shown(path)}`,
      fix: "choose another, for example /codex, or remove the key",
    },
  ];
}

function within(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
}

function embeddingIssues({ embedding }: Partial<EnvironmentSettings>): SettingIssue[] {
  if (embedding?.provider !== "google" || embedding.credential !== undefined) return [];
  return [
    {
      path: ["embedding", "credential"],
      message: 'must be "google_api_key" or "gemini_api_key", got nothing: embeddings by Google need a key',
      fix: 'name the secret that holds it, or set provider = "none" in [embedding]',
    },
  ];
}

function aliasIssues({ variables }: Partial<EnvironmentSettings>): SettingIssue[] {
  const given: Readonly<Record<string, unknown>> = variables ?? {};
  return VARIABLE_LIST.flatMap(([name, variable]) => {
    const names = [name, ...(variable.aliases ?? [])].filter((key) => given[key] !== undefined);
    return names.slice(1).map((key) => ({ path: ["variables", key], message: `means the same as ${names[0]}`, fix: `keep ${name} alone` }));
  });
}

function workspaceIssues({ variables }: Partial<EnvironmentSettings>): SettingIssue[] {
  const root = variables?.SPEC_WORKFLOW_WORKSPACE_ROOT;
  if (root === undefined || root === ImageLayout.workspaces || root.startsWith(`${ImageLayout.workspaces}/`)) return [];
  return [
    {
      path: ["variables", "SPEC_WORKFLOW_WORKSPACE_ROOT"],
      message: `must be ${ImageLayout.workspaces} or below it, where the volume is mounted, got ${shown(root)}`,
      fix: "correct it or remove the key",
    },
  ];
}

const SECRET_KEY = /secret|password|token|access_key|private_key|credential/i;

function backendIssues({ backend }: Partial<EnvironmentSettings>): SettingIssue[] {
  if (backend === undefined) return [];
  const { type, ...rest } = backend;
  const secrets = Object.keys(rest)
    .filter((key) => SECRET_KEY.test(key))
    .map((key) => ({
      path: ["backend", key],
      message: "is a secret and must not be in a file",
      fix: "remove it and give it to Terraform by the backend's own environment variable",
    }));
  if ((type === "local" && Object.keys(rest).length === 0) || JSON.stringify(rest).includes("{stack}")) return secrets;
  return [
    ...secrets,
    {
      path: ["backend"],
      message: `must contain {stack} in a value: the data stack and the fleet would write the same state`,
      fix: 'name the state by it, for example key = "codex-fleet/{stack}.tfstate"',
    },
  ];
}

function demoIssues({ demo, api }: Partial<EnvironmentSettings>): SettingIssue[] {
  if (demo?.scripted_services !== true || api === undefined || !listenOverlap(api.listen, demo.github_listen)) return [];
  return [
    {
      path: ["api", "listen"],
      message: `must not use the port of demo.github_listen, ${demo.github_listen}, in a demonstration, got ${shown(api.listen)}`,
      fix: "choose another port for one of them",
    },
  ];
}
