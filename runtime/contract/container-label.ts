/** Labels of every container of a fleet; codex-fleet selects the engine's events by them. */
export const ContainerLabel = {
  environment: "codex-fleet.environment",
  service: "codex-fleet.service",
  /** Number of a replica, from 1; absent where a service has one container. */
  replica: "codex-fleet.replica",
  /** Digest of all inputs whose change alone would not make Terraform's provider replace the container. */
  digest: "codex-fleet.digest",
} as const;
