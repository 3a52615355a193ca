import { z } from "zod";
import type { Answer, Conversation } from "./conversation";

/** The parts of a generateContent request that matter here. */
const Body = z.object({
  contents: z.array(
    z.looseObject({
      role: z.string().default("user"),
      parts: z
        .array(
          z.looseObject({ text: z.string().optional(), functionResponse: z.looseObject({ response: z.unknown().optional() }).optional() }),
        )
        .default([]),
    }),
  ),
  generationConfig: z
    .looseObject({
      responseMimeType: z.string().optional(),
      responseJsonSchema: z.unknown().optional(),
      responseSchema: z.unknown().optional(),
    })
    .optional(),
});
export type GeminiBody = z.infer<typeof Body>;

/** @throws ZodError when it is not a generateContent request. */
export function parseGeminiBody(json: unknown): GeminiBody {
  return Body.parse(json);
}

export function readGeminiConversation(body: GeminiBody): Conversation {
  const prompts: string[] = [];
  let toolResults: string[] = [];
  for (const { role, parts } of body.contents) {
    if (role !== "user") continue;
    const text = parts.flatMap((part) => part.text ?? []).join("\n");
    const results = parts.flatMap((part) => (part.functionResponse === undefined ? [] : JSON.stringify(part.functionResponse.response)));
    if (results.length > 0) {
      toolResults.push(...results);
    } else {
      prompts.push(text);
      toolResults = [];
    }
  }
  return { prompts, toolResults };
}

/** The CLI also asks for small decisions as JSON with a schema; undefined when the request is not one of those. */
export function answerBySchema(body: GeminiBody): string | undefined {
  const config = body.generationConfig;
  if (config?.responseMimeType !== "application/json") return undefined;
  return JSON.stringify(smallestValue(config.responseJsonSchema ?? config.responseSchema));
}

/** A GenerateContentResponse. */
export function encodeGeminiAnswer(answer: Exclude<Answer, { kind: "refusal" }>): Record<string, unknown> {
  return {
    candidates: [{ content: { role: "model", parts: [part(answer)] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
}

function part(answer: Exclude<Answer, { kind: "refusal" }>): Record<string, unknown> {
  switch (answer.kind) {
    case "message":
      return { text: answer.text };
    case "write":
      return { functionCall: { name: "write_file", args: { file_path: answer.path, content: answer.content } } };
    case "shell":
      return { functionCall: { name: "run_shell_command", args: { command: answer.command } } };
  }
}

interface JsonSchema {
  readonly type?: string;
  readonly minimum?: number;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** A minimal value for a JSON Schema: first enum value, all properties, no array elements, 1 for a number. Types in either case. */
function smallestValue(json: unknown): unknown {
  const schema = (json ?? {}) as JsonSchema;
  if (schema.enum !== undefined) return schema.enum[0];
  switch (schema.type?.toLowerCase()) {
    case "string":
      return "scripted model";
    case "number":
    case "integer":
      return schema.minimum ?? 1;
    case "boolean":
      return false;
    case "array":
      return [];
    default:
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, smallestValue(property)]));
  }
}
