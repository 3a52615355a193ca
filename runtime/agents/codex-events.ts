import { z } from "zod";
import type { AgentFailure } from "./agent";

const FileChange = z.object({ type: z.literal("file_change"), status: z.string(), changes: z.array(z.object({ path: z.string() })) });
const CommandExecution = z.object({
  type: z.literal("command_execution"),
  status: z.string(),
  command: z.string(),
  exit_code: z.number().nullish(),
});
const AgentMessage = z.object({ type: z.literal("agent_message"), text: z.string() });
const OtherItem = z.object({ type: z.string(), status: z.string().optional() });

const CodexEvent = z.union([
  z.object({ type: z.literal("thread.started"), thread_id: z.string() }),
  z.object({ type: z.literal("item.completed"), item: z.union([FileChange, CommandExecution, AgentMessage, OtherItem]) }),
  z.object({ type: z.literal("turn.completed"), usage: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ type: z.literal("turn.failed"), error: z.object({ message: z.string() }) }),
  z.object({ type: z.literal("error"), message: z.string() }),
]);
type CodexEvent = z.infer<typeof CodexEvent>;

/** Summary of the events of one turn. */
export interface CodexTurn {
  readonly threadId: string | null;
  readonly completed: boolean;
  readonly usage: Readonly<Record<string, unknown>> | null;
  readonly lastMessage: string | null;
  /** The last error Codex reported. */
  readonly error: string | null;
  /** Failed tool calls that no later call made good. */
  readonly failedTools: readonly string[];
}

export const EMPTY_CODEX_TURN: CodexTurn = {
  threadId: null,
  completed: false,
  usage: null,
  lastMessage: null,
  error: null,
  failedTools: [],
};

/** Adds one line of `codex exec --json`. A line of an unknown kind, or one that is not JSON, changes nothing. */
export function addCodexEvent(turn: CodexTurn, line: string): CodexTurn {
  const event = parseEvent(line);
  switch (event?.type) {
    case "thread.started":
      return { ...turn, threadId: event.thread_id };
    case "turn.completed":
      return { ...turn, completed: true, usage: event.usage };
    case "turn.failed":
      return { ...turn, completed: false, error: event.error.message };
    case "error":
      return { ...turn, error: event.message };
    case "item.completed":
      return addItem(turn, event.item);
    default:
      return turn;
  }
}

/** Why a turn did not succeed, judged by its events; null when it did. `messages` is the end of Codex's stderr. */
export function codexTurnFailure(turn: CodexTurn, messages: string): AgentFailure | null {
  if (!turn.completed) {
    const error = turn.error ?? (messages.trim().slice(-400) || "it reported no error");
    return { code: "codex_turn_failed", reason: `codex ended without turn.completed: ${error}`, remediation: remedyFor(error) };
  }
  if (turn.failedTools.length > 0) {
    return {
      code: "codex_tool_failed",
      reason: `codex ended its turn with a failed tool call: ${turn.failedTools.join("; ")}`,
      remediation: "read the event log for the tool's output, fix what it names, then retry the run",
    };
  }
  return null;
}

function addItem(turn: CodexTurn, item: Extract<CodexEvent, { type: "item.completed" }>["item"]): CodexTurn {
  if (item.type === "agent_message" && "text" in item) return { ...turn, lastMessage: item.text };
  const tool = toolCall(item);
  if (tool === null) return turn;
  // Agents probe, so a command may fail on purpose: its failure counts only if it is the turn's last tool call. A failed
  // change of a file counts until a change of the same file succeeds.
  const open = turn.failedTools.filter((earlier) => earlier.startsWith("file_change ") && earlier !== tool.label);
  if (tool.failed) return { ...turn, failedTools: [...open, tool.label] };
  return { ...turn, failedTools: open };
}

function toolCall(item: object & { type: string; status?: string | undefined }): { label: string; failed: boolean } | null {
  const failed = item.status === "failed" || item.status === "declined";
  if ("changes" in item) {
    const paths = (item.changes as { path: string }[]).map((change) => change.path);
    return { label: `file_change ${paths.join(", ")}`, failed };
  }
  if ("command" in item) return { label: `command_execution ${shorten(String(item.command))} (${item.status})`, failed };
  return item.type === "mcp_tool_call" ? { label: "mcp_tool_call", failed } : null;
}

function remedyFor(error: string): string {
  if (/401|unauthorized|refresh token|log ?in/i.test(error)) return "log in again with `codex-fleet login`, then retry the run";
  if (/429|rate.?limit|usage limit/i.test(error)) return "wait until the account's limit is over, then retry the run";
  return "check that the model's provider can be reached from the worker, then retry the run";
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function parseEvent(line: string): CodexEvent | undefined {
  try {
    return CodexEvent.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
