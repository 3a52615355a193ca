import { z } from "zod";
import type { Answer, Conversation } from "./conversation";

/** The parts of a Responses API request that matter here; Codex sends many more. */
const Body = z.object({
  input: z.array(
    z.looseObject({
      type: z.string().default("message"),
      role: z.string().optional(),
      content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).optional(),
      output: z.unknown().optional(),
    }),
  ),
  tools: z.array(z.looseObject({ name: z.string().optional() })).default([]),
});
export type ResponsesBody = z.infer<typeof Body>;

/** @throws ZodError when it is not a request of the Responses API. */
export function parseResponsesBody(json: unknown): ResponsesBody {
  return Body.parse(json);
}

export function readResponsesConversation(body: ResponsesBody): Conversation {
  const prompts: string[] = [];
  let toolResults: string[] = [];
  for (const item of body.input) {
    if (item.type === "message" && item.role === "user") {
      prompts.push(textOf(item.content));
      toolResults = [];
    } else if (item.type.endsWith("call_output")) {
      toolResults.push(textOf(item.output));
    }
  }
  return { prompts, toolResults };
}

/** The answer as server-sent events; `id` is unique in the conversation. */
export function encodeResponsesAnswer(answer: Exclude<Answer, { kind: "refusal" }>, body: ResponsesBody, id: string): string {
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  return [
    { type: "response.created", response: { id } },
    { type: "response.output_item.done", output_index: 0, item: outputItem(answer, toolNames(body), `call_${id}`) },
    { type: "response.completed", response: { id, usage } },
  ]
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");
}

/** The tools Codex offers depend on the model's name, so edit with whichever tool the request offers. */
function outputItem(answer: Exclude<Answer, { kind: "refusal" }>, tools: ReadonlySet<string>, callId: string): Record<string, unknown> {
  if (answer.kind === "message") {
    return { type: "message", role: "assistant", content: [{ type: "output_text", text: answer.text }] };
  }
  if (answer.kind === "write" && tools.has("apply_patch")) {
    return { type: "custom_tool_call", call_id: callId, name: "apply_patch", input: addFilePatch(answer.path, answer.content) };
  }
  const command =
    answer.kind === "shell" ? answer.command : `apply_patch <<'END_OF_PATCH'\n${addFilePatch(answer.path, answer.content)}END_OF_PATCH\n`;
  if (tools.has("exec")) {
    const input = `const result = await tools.exec_command(${JSON.stringify({ cmd: command })}); text(JSON.stringify(result));`;
    return { type: "custom_tool_call", call_id: callId, name: "exec", input };
  }
  return { type: "function_call", call_id: callId, name: "exec_command", arguments: JSON.stringify({ cmd: command }) };
}

function addFilePatch(path: string, content: string): string {
  const lines = content.replace(/\n$/, "").split("\n");
  return `*** Begin Patch\n*** Add File: ${path}\n${lines.map((line) => `+${line}\n`).join("")}*** End Patch\n`;
}

function toolNames(body: ResponsesBody): ReadonlySet<string> {
  return new Set(body.tools.flatMap(({ name }) => name ?? []));
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) return content.map((part: { text?: string }) => part.text ?? "").join("\n");
  return content === undefined ? "" : JSON.stringify(content);
}
