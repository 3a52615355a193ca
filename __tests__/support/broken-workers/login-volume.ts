import type { WorkerDefinition } from "../worker-container";
import type { BrokenWorker } from "./broken-worker";

const HOME = "/home/app/.codex";
const MENDED_BY_HAND = /the worker did not change the file; .*codex-fleet codex-config check FILE/;

function loginMount(definition: WorkerDefinition): WorkerDefinition["mounts"][number] {
  return definition.mounts.find(({ target }) => target === HOME)!;
}

/** Faults of CODEX_HOME/config.toml and of the volume it is in. */
export const BROKEN_LOGIN_VOLUMES: readonly BrokenWorker[] = [
  {
    broken: "config.toml is not TOML",
    spoil: "printf 'model = \"m\"\\n[features\\n' > auth/config.toml; chown 1000:1000 auth/config.toml",
    shows: 78,
    red: { "policy.config": MENDED_BY_HAND },
    mend: "printf 'model = \"m\"\\n' > auth/config.toml",
  },
  {
    broken: "config.toml sets approval_policy twice",
    spoil: 'printf \'approval_policy = "never"\\napproval_policy = "on-request"\\n\' > auth/config.toml; chown 1000:1000 auth/config.toml',
    shows: 78,
    red: { "policy.config": MENDED_BY_HAND },
    mend: "printf 'approval_policy = \"on-request\"\\n' > auth/config.toml",
  },
  {
    broken: "nobody can read config.toml (mode 000)",
    spoil: "printf 'model = \"m\"\\n' > auth/config.toml; chown 1000:1000 auth/config.toml; chmod 000 auth/config.toml",
    shows: 78,
    red: { "policy.config": /chown 1000 config\.toml && chmod 600 config\.toml/ },
    mend: "chmod 600 auth/config.toml",
  },
  {
    broken: "config.toml belongs to root (mode 600)",
    spoil: "printf 'model = \"m\"\\n' > auth/config.toml; chmod 600 auth/config.toml",
    shows: 78,
    red: { "policy.config": /chown 1000 config\.toml && chmod 600 config\.toml/ },
    mend: "chown 1000 auth/config.toml",
  },
  {
    broken: "the login volume is not mounted",
    change: (definition) => void definition.mounts.splice(definition.mounts.indexOf(loginMount(definition)), 1),
    shows: 78,
    red: { "auth.volume": /mount the volume \S+ at \/home\/app\/\.codex .*codex-fleet up/ },
  },
  {
    broken: "the login volume is mounted at another path",
    change: (definition) => void (loginMount(definition).target = "/home/app/login"),
    shows: 78,
    red: { "auth.volume": /mount the volume \S+ at \/home\/app\/\.codex .*codex-fleet up/ },
  },
  {
    broken: "another volume is mounted in its place",
    change: (definition) =>
      void (definition.env = definition.env.map((each) => each.replace(/^CODEX_VOLUME_NAME=.*/, "CODEX_VOLUME_NAME=other"))),
    shows: 78,
    red: { "auth.volume": /mount the volume other at \/home\/app\/\.codex/ },
  },
  {
    broken: "the login volume is mounted read-only",
    change: (definition) => void (loginMount(definition).read_only = true),
    shows: 78,
    red: { "auth.volume": /mount it writable/ },
  },
  {
    broken: "the login volume belongs to root",
    spoil: "touch auth/kept; chown -R 0:0 auth",
    shows: 78,
    red: { "auth.volume": /chown -R 1000 the volume's content/ },
    mend: "chown -R 1000:1000 auth",
  },
  {
    broken: "CODEX_HOME is another path than CODEX_VOLUME_PATH",
    change: (definition) =>
      void (definition.env = definition.env.map((each) => each.replace(`CODEX_HOME=${HOME}`, "CODEX_HOME=/home/app/c"))),
    shows: 78,
    red: { "auth.volume": /make them equal/ },
  },
];
