/** One key of Codex' config.toml that the fleet decides. */
export interface ManagedSetting {
  /** From the document's root: `["features", "unbounded_connection_retries"]`. */
  readonly path: readonly string[];
  readonly value: string | boolean;
  /** Why an unattended worker needs it. */
  readonly reason: string;
}

/** What the merge guarantees; every other key belongs to the operator. */
export const MANAGED_CODEX_SETTINGS: readonly ManagedSetting[] = [
  { path: ["approval_policy"], value: "never", reason: "nobody is there to answer a prompt" },
  {
    path: ["sandbox_mode"],
    value: "danger-full-access",
    reason: "the hardened container is the sandbox; Codex' own needs user namespaces",
  },
  { path: ["cli_auth_credentials_store"], value: "file", reason: "the login lives in the volume, not in a keyring" },
  { path: ["check_for_update_on_startup"], value: false, reason: "the version is pinned by the image" },
  { path: ["features", "unbounded_connection_retries"], value: false, reason: "with it a run waits for ever when the provider is away" },
  { path: ["shell_environment_policy", "inherit"], value: "core", reason: "commands of the agent must not see the worker's keys" },
  { path: ["analytics", "enabled"], value: false, reason: "nothing is sent that was not asked for" },
];
