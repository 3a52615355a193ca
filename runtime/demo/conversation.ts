/** The part of a request that a script sees, independent of the protocol. */
export interface Conversation {
  /** Texts of the user's messages, oldest first. */
  readonly prompts: readonly string[];
  /** Results of the tools since the user's last message, oldest first. */
  readonly toolResults: readonly string[];
}

/** The model's answer, chosen by a script. */
export type Answer =
  /** Ends the turn. */
  | { readonly kind: "message"; readonly text: string }
  /** Writes a whole file; `path` is relative to the working directory. */
  | { readonly kind: "write"; readonly path: string; readonly content: string }
  /** Runs a shell command in the working directory. */
  | { readonly kind: "shell"; readonly command: string }
  /** The provider refuses with an HTTP error. */
  | { readonly kind: "refusal"; readonly status: number; readonly message: string };

/** Decides the next answer from the conversation so far. */
export type Script = (conversation: Conversation) => Answer;
