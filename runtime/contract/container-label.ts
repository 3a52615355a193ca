/** Labels every container of a fleet carries: the operator's tool follows the engine's events by them. */
export const ContainerLabel = {
  environment: "codex-fleet.environment",
  service: "codex-fleet.service",
} as const;
