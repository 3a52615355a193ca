/** Labels every container of a fleet carries: the operator's tool follows the engine's events by them. */
export const ContainerLabel = {
  environment: "codex-fleet.environment",
  service: "codex-fleet.service",
  /** Number of a replica, from 1; absent where a service has one container. */
  replica: "codex-fleet.replica",
  /** Digest of everything a change of which the provider would not replace the container for. */
  digest: "codex-fleet.digest",
} as const;
