/** One key of Codex's config.toml that the fleet sets. */
export interface ManagedSetting {
  /** Keys from the document's root: `["features", "unbounded_connection_retries"]`. */
  readonly path: readonly string[];
  readonly value: string | boolean;
  /** Why an unattended worker needs it. */
  readonly reason: string;
}

/** The settings the merge guarantees; every other key belongs to the operator. */
export const MANAGED_CODEX_SETTINGS: readonly ManagedSetting[] = [
  { path: ["approval_policy"], value: "never", reason: "nobody can answer a prompt" },
  {
    path: ["sandbox_mode"],
    value: "danger-full-access",
    reason: "the hardened container is the sandbox; Codex's own sandbox needs user namespaces",
  },
  { path: ["cli_auth_credentials_store"], value: "file", reason: "the login lives in the volume, not in a keyring" },
  { path: ["check_for_update_on_startup"], value: false, reason: "the version is pinned by the image" },
  {
    path: ["features", "unbounded_connection_retries"],
    value: false,
    reason: "if true, a run waits forever when the provider is unreachable",
  },
  { path: ["shell_environment_policy", "inherit"], value: "core", reason: "commands the agent runs must not see the worker's keys" },
  { path: ["analytics", "enabled"], value: false, reason: "Codex sends nothing that the operator did not ask for" },
];
