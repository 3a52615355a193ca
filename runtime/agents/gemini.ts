import { join } from "node:path";
import { execa } from "execa";
import type { AgentPreflight, AgentRequest, AgentTurn, CodingAgent } from "./agent";
import { agentEnvironment } from "./agent-environment";
import { processFailure } from "./agent-failure";
import { runAgentProcess } from "./agent-process";
import { addGeminiEvent, EMPTY_GEMINI_TURN, geminiTurnFailure } from "./gemini-events";

export interface GeminiOptions {
  /** Key of the Gemini API, GEMINI_API_KEY or else GOOGLE_API_KEY: the CLI itself knows only the first name. */
  readonly apiKey: string | undefined;
  /** @default the CLI's own choice */
  readonly model?: string | undefined;
  /** Address of the Gemini API. @default Google's own */
  readonly baseUrl?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Approves every tool call, since nobody can be asked. Without --skip-trust, Gemini ignores yolo in an untrusted folder. */
const UNATTENDED = ["--approval-mode", "yolo", "--skip-trust"] as const;

/** The Gemini CLI, run headless. */
export class Gemini implements CodingAgent {
  readonly name = "gemini";

  constructor(private readonly options: GeminiOptions) {}

  async preflight(): Promise<AgentPreflight> {
    const evidence = { approvalMode: "yolo" };
    if (!this.options.apiKey?.trim()) {
      return {
        status: "failed",
        message: "neither of the secrets gemini_api_key and google_api_key is set",
        remediation: "set one with `codex-fleet secrets set ENVIRONMENT gemini_api_key`",
        evidence,
      };
    }
    // Starting the CLI takes more than a second, so check only that it is on PATH.
    const { exitCode } = await execa("sh", ["-c", "command -v gemini"], { env: this.environment(), extendEnv: false, reject: false });
    if (exitCode !== 0) {
      return { status: "failed", message: "gemini is not on PATH", remediation: "rebuild the worker image", evidence };
    }
    return { status: "passed", message: "key present, approval mode yolo", remediation: "", evidence };
  }

  async run(request: AgentRequest): Promise<AgentTurn> {
    const eventLog = join(request.logDirectory, "gemini-events.jsonl");
    let turn = EMPTY_GEMINI_TURN;
    const end = await runAgentProcess({
      command: ["gemini", ...UNATTENDED, "--output-format", "stream-json", ...this.modelArguments()],
      input: request.prompt,
      workTree: request.workTree,
      environment: { ...this.environment(), SPECIFY_FEATURE_DIRECTORY: request.featureDirectory },
      outputLog: eventLog,
      messageLog: join(request.logDirectory, "gemini-messages.log"),
      softLimit: request.softLimit,
      hardLimit: request.hardLimit,
      signal: request.signal,
      onLine: (line) => {
        turn = addGeminiEvent(turn, line);
      },
    });
    return {
      failure: processFailure("gemini", end) ?? geminiTurnFailure(turn, end.exitCode, end.messages),
      conversation: turn.sessionId,
      summary: turn.lastMessage,
      usage: turn.usage,
      evidence: { approvalMode: "yolo" },
      eventLog,
    };
  }

  private modelArguments(): string[] {
    return this.options.model === undefined ? [] : ["--model", this.options.model];
  }

  private environment(): Record<string, string> {
    return agentEnvironment(this.options.environment, {
      ...(this.options.apiKey === undefined ? {} : { GEMINI_API_KEY: this.options.apiKey }),
      ...(this.options.baseUrl === undefined ? {} : { GOOGLE_GEMINI_BASE_URL: this.options.baseUrl }),
    });
  }
}
