/** Paths inside the images, shared by the Dockerfile, the constructs and the programs in the containers. */
export const ImageLayout = {
  /** Bundled programs: preflight.js, worker.js, stage.js, api.js. */
  runtime: "/opt/fleet/runtime",
  /** Links to every tool an agent or a stage calls; first on PATH. */
  bin: "/opt/fleet/bin",
  /** Versions, paths and digests of the tools, recorded when the image was built. */
  tooling: "/opt/fleet/tooling.json",
  /** The Python environment with Celery and Spec Kit. */
  venv: "/opt/fleet/venv",
  celeryApp: "/opt/fleet/celery_app",
  skills: "/opt/fleet/skills",
  /** Template of the managed Codex settings; Codex also reads it as its lowest configuration layer. */
  codexTemplate: "/etc/codex/config.toml",
  /** Codex's requirements, which no user setting can override. */
  codexRequirements: "/etc/codex/requirements.toml",
  /** State of a running worker: heartbeat, phase, startup profile. A tmpfs. */
  state: "/run/fleet",
  secrets: "/run/secrets",
  /** All trusted certificate authorities: the image's own and those of `network.ca_bundle`. Written to a tmpfs at each start. */
  authorities: "/run/certificates/ca-bundle.pem",
  workspaces: "/workspaces",
  home: "/home/app",
  user: "app",
  uid: 1000,
  gid: 1000,
} as const;

/** Files below `ImageLayout.state`. */
export const StateFile = {
  /** Touched every two seconds while the worker is alive and healthy. */
  heartbeat: "heartbeat",
  /** One word, a `WorkerPhase`. */
  phase: "phase",
  /** `CodexWorkerStartupProfile` as JSON. */
  profile: "profile.json",
  /** Directory: a Celery process touches the file named after its queue while it consumes. */
  consumers: "consumers",
} as const;

/** `tooling.json`, with which the docs, `doctor`, image labels and preflight compare. */
export interface ToolingRecord {
  readonly schema: 1;
  readonly tools: Readonly<Record<string, ToolRecord>>;
}

export interface ToolRecord {
  /** What the tool itself said at build time, the bare version number. */
  readonly version: string;
  /** Absolute path on PATH, a link or a file. */
  readonly path: string;
  /** sha256 of the file behind the path. */
  readonly sha256: string;
}
