export * from "./check-codex-config";
export * from "./managed-settings";
export * from "./merge-codex-config";
export * from "./refusal";
