import { z } from "zod";
import type { AgentFailure } from "./agent";

const GeminiEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("init"), session_id: z.string() }),
  z.object({ type: z.literal("message"), role: z.string(), content: z.string(), delta: z.boolean().default(false) }),
  z.object({ type: z.literal("tool_use"), tool_name: z.string(), tool_id: z.string() }),
  z.object({ type: z.literal("tool_result"), tool_id: z.string(), status: z.string() }),
  z.object({ type: z.literal("error"), message: z.string() }),
  z.object({
    type: z.literal("result"),
    status: z.string(),
    error: z.object({ message: z.string() }).optional(),
    stats: z.record(z.string(), z.unknown()).optional(),
  }),
]);
type GeminiEvent = z.infer<typeof GeminiEvent>;

/** Summary of the events of one turn. */
export interface GeminiTurn {
  readonly sessionId: string | null;
  readonly completed: boolean;
  readonly usage: Readonly<Record<string, unknown>> | null;
  /** The agent's messages since its last tool call. */
  readonly lastMessage: string | null;
  readonly error: string | null;
  /** The last tool call, when it failed. */
  readonly failedTool: string | null;
  readonly tools: Readonly<Record<string, string>>;
}

export const EMPTY_GEMINI_TURN: GeminiTurn = {
  sessionId: null,
  completed: false,
  usage: null,
  lastMessage: null,
  error: null,
  failedTool: null,
  tools: {},
};

/** Adds one line of `gemini --output-format stream-json`. A line of an unknown kind changes nothing. */
export function addGeminiEvent(turn: GeminiTurn, line: string): GeminiTurn {
  const event = parseEvent(line);
  switch (event?.type) {
    case "init":
      return { ...turn, sessionId: event.session_id };
    case "message":
      if (event.role !== "assistant") return turn;
      return { ...turn, lastMessage: event.delta ? (turn.lastMessage ?? "") + event.content : event.content };
    case "tool_use":
      return { ...turn, lastMessage: null, tools: { ...turn.tools, [event.tool_id]: event.tool_name } };
    case "tool_result":
      return { ...turn, failedTool: event.status === "success" ? null : (turn.tools[event.tool_id] ?? "unknown tool") };
    case "error":
      return { ...turn, error: event.message };
    case "result":
      return {
        ...turn,
        completed: event.status === "success",
        usage: event.stats ?? null,
        error: event.error?.message ?? turn.error,
      };
    default:
      return turn;
  }
}

/** Why a turn did not succeed, judged by its events and the exit code; null when it did. */
export function geminiTurnFailure(turn: GeminiTurn, exitCode: number | null, messages: string): AgentFailure | null {
  if (!turn.completed || exitCode !== 0) {
    const words = EXIT_WORDS[exitCode ?? -1];
    const error = turn.error ?? (messages.trim().slice(-400) || "it reported no error");
    return {
      code: "gemini_turn_failed",
      reason: `gemini ended with ${exitCode ?? "a signal"}${words === undefined ? "" : ` (${words.meaning})`}: ${error}`,
      remediation: words?.fix ?? "check that the Gemini API can be reached from the worker, then retry the run",
    };
  }
  if (turn.failedTool !== null) {
    return {
      code: "gemini_tool_failed",
      reason: `gemini ended its turn with a failed tool call: ${turn.failedTool}`,
      remediation: "read the event log for the tool's output, fix what it names, then retry the run",
    };
  }
  return null;
}

/** Meaning of the Gemini CLI's exit codes, and what to do. */
const EXIT_WORDS: Readonly<Record<number, { meaning: string; fix: string }>> = {
  41: { meaning: "not authenticated", fix: "set the secret gemini_api_key, then retry the run" },
  42: { meaning: "input not accepted", fix: "read the agent's messages, then retry the run" },
  44: { meaning: "sandbox failed", fix: "check that no Gemini setting turns its sandbox on, then retry the run" },
  52: { meaning: "settings.json is not valid", fix: "correct the worker's ~/.gemini/settings.json, then retry the run" },
  53: { meaning: "turn limit reached", fix: "split the task, then retry the run" },
  54: { meaning: "a tool failed", fix: "read the event log for the tool's output, then retry the run" },
  55: { meaning: "folder not trusted", fix: "check that no Gemini setting forbids trusting a folder, then retry the run" },
  130: { meaning: "cancelled", fix: "retry the run" },
};

function parseEvent(line: string): GeminiEvent | undefined {
  try {
    return GeminiEvent.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
