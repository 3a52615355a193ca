/** What a script gets to see of a request, whichever protocol it came by. */
export interface Conversation {
  /** Texts of the user's messages, oldest first. */
  readonly prompts: readonly string[];
  /** What the tools answered since the last message of the user, oldest first. */
  readonly toolResults: readonly string[];
}

/** What a script wants the model to say. */
export type Answer =
  /** Ends the turn. */
  | { readonly kind: "message"; readonly text: string }
  /** Writes a whole file; `path` is relative to the working directory. */
  | { readonly kind: "write"; readonly path: string; readonly content: string }
  /** Runs a shell command in the working directory. */
  | { readonly kind: "shell"; readonly command: string }
  /** The provider refuses: an HTTP error. */
  | { readonly kind: "refusal"; readonly status: number; readonly message: string };

/** Decides the next answer from the conversation so far. */
export type Script = (conversation: Conversation) => Answer;
