/** The three stages of a run, in order. */
export const STAGES = ["discover", "submit", "publish"] as const;

/** The agents a run may ask for. */
export const AGENTS = ["codex", "gemini"] as const;
