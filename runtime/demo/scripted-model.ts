import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, Script } from "./conversation";
import { answerBySchema, encodeGeminiAnswer, parseGeminiBody, readGeminiConversation } from "./gemini-api";
import { encodeResponsesAnswer, parseResponsesBody, readResponsesConversation } from "./responses-api";
import { scriptedTask } from "./scripted-task";

export interface ScriptedModelOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default 0, any free port */
  readonly port?: number;
  /** Decides every answer. @default scriptedTask */
  readonly script?: Script;
}

export interface ScriptedModel {
  /** Address without a path: Codex's provider is at `/v1`, Gemini's base address is `url` itself. */
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly ScriptedRequest[];
  close(): Promise<void>;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** An HTTP response: status, content type, body. */
export interface ScriptedReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * A model provider that follows a script instead of a model: OpenAI's Responses API for Codex,
 * generateContent for Gemini. It requires no credential. Used by the demo environment and by tests.
 */
export async function startScriptedModel({
  host = "127.0.0.1",
  port = 0,
  script = scriptedTask,
}: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((request, response) => {
    void readRequest(request)
      .then((received) => {
        requests.push(received);
        return reply(received, script, requests.length);
      })
      .catch((error: unknown) => failure(400, error instanceof Error ? error.message : String(error)))
      .then((answer) => send(response, answer));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())).closeAllConnections()),
  };
}

/** The reply to one request; `number` makes the identifiers of an answer unique. */
export function reply({ method, path, body }: ScriptedRequest, script: Script, number: number): ScriptedReply {
  if (method === "GET" && path === "/healthz") return json(200, { status: "ok", scripted: true });
  if (method === "POST" && path === "/v1/responses") {
    const request = parseResponsesBody(body);
    const answer = script(readResponsesConversation(request));
    return answer.kind === "refusal" ? refusal(answer) : events(encodeResponsesAnswer(answer, request, `scripted_${number}`));
  }
  const call = /^\/v1(?:alpha|beta)?\/models\/[^/:]+:(\w+)$/.exec(path)?.[1];
  if (method === "POST" && call === "countTokens") return json(200, { totalTokens: 1 });
  if (method === "POST" && (call === "generateContent" || call === "streamGenerateContent")) {
    const request = parseGeminiBody(body);
    const decision = answerBySchema(request);
    const answer: Answer = decision === undefined ? script(readGeminiConversation(request)) : { kind: "message", text: decision };
    if (answer.kind === "refusal") return refusal(answer);
    const content = encodeGeminiAnswer(answer);
    return call === "generateContent" ? json(200, content) : events(`data: ${JSON.stringify(content)}\n\n`);
  }
  return failure(
    404,
    `the scripted model does not serve ${method} ${path}; it serves POST /v1/responses, POST /v1beta/models/NAME:generateContent, :streamGenerateContent and :countTokens, GET /healthz`,
  );
}

function refusal({ status, message }: Extract<Answer, { kind: "refusal" }>): ScriptedReply {
  return failure(status, message);
}

function failure(status: number, message: string): ScriptedReply {
  return json(status, { error: { code: status, message, type: "scripted_model" } });
}

function json(status: number, body: unknown): ScriptedReply {
  return { status, type: "application/json", body: JSON.stringify(body) };
}

function events(body: string): ScriptedReply {
  return { status: 200, type: "text/event-stream", body };
}

async function readRequest(request: IncomingMessage): Promise<ScriptedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const { pathname } = new URL(request.url ?? "/", "http://scripted");
  return { method: request.method ?? "GET", path: pathname, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
}

function send(response: ServerResponse, { status, type, body }: ScriptedReply): void {
  response.writeHead(status, { "content-type": type }).end(body);
}
