import { join } from "node:path";
import { NETWORK_NAMES } from "../contract";
import type { AgentFailure, AgentPreflight, AgentRequest, AgentTurn, CodingAgent } from "./agent";
import { agentEnvironment } from "./agent-environment";
import { runAgentProcess } from "./agent-process";
import { processFailure } from "./agent-failure";
import { codexCredentialProblem } from "./codex-credential";
import type { CodexAuth } from "./codex-credential";
import { addCodexEvent, codexTurnFailure, EMPTY_CODEX_TURN } from "./codex-events";
import { effectiveCodexPolicy, policiesOfConversation } from "./codex-policy";

export interface CodexOptions {
  readonly auth: CodexAuth;
  /** CODEX_HOME: configuration, login and conversations. */
  readonly codexHome: string;
  /** @default Codex's own default */
  readonly model?: string | undefined;
  /** Base address of a provider with the Responses API. @default OpenAI */
  readonly providerUrl?: string | undefined;
  /** Passed only to `codex exec`, and only with auth `api_key`. */
  readonly apiKey?: string | undefined;
  /** The environment from which the tool's own is filtered. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The Codex CLI, run as `codex exec --json`. */
export class Codex implements CodingAgent {
  readonly name = "codex";

  constructor(private readonly options: CodexOptions) {}

  async preflight(): Promise<AgentPreflight> {
    const policy = await effectiveCodexPolicy(this.environment({}));
    const evidence = { before: policy };
    if (policy.approvalPolicy !== "Never") {
      const found = policy.approvalPolicy ?? `not readable (${policy.configuration})`;
      return {
        status: "failed",
        message: `the effective approval policy of Codex is ${found}, it must be Never`,
        remediation: `check ${join(this.options.codexHome, "config.toml")} with \`codex-fleet codex-config check\`, then restart the worker`,
        evidence,
      };
    }
    const problem = await codexCredentialProblem({
      auth: this.options.auth,
      codexHome: this.options.codexHome,
      apiKey: this.options.apiKey,
      providerUrl: this.options.providerUrl,
    });
    if (problem !== null) return { status: "failed", message: problem.reason, remediation: problem.fix, evidence };
    return { status: "passed", message: `approval policy Never, credential of ${this.options.auth} present`, remediation: "", evidence };
  }

  async run(request: AgentRequest): Promise<AgentTurn> {
    const eventLog = join(request.logDirectory, "codex-events.jsonl");
    let turn = EMPTY_CODEX_TURN;
    const end = await runAgentProcess({
      command: ["codex", "exec", "--json", ...codexOverrides(this.options), ...shellOverrides(this.environment({})), "-"],
      input: request.prompt,
      workTree: request.workTree,
      environment: this.environment({
        SPECIFY_FEATURE_DIRECTORY: request.featureDirectory,
        ...(this.options.auth === "api_key" && this.options.apiKey !== undefined ? { CODEX_API_KEY: this.options.apiKey } : {}),
      }),
      outputLog: eventLog,
      messageLog: join(request.logDirectory, "codex-messages.log"),
      softLimit: request.softLimit,
      hardLimit: request.hardLimit,
      signal: request.signal,
      onLine: (line) => {
        turn = addCodexEvent(turn, line);
      },
    });
    const policies = turn.threadId === null ? [] : await policiesOfConversation(this.options.codexHome, turn.threadId);
    return {
      failure: processFailure("codex", end) ?? codexTurnFailure(turn, end.messages) ?? policyFailure(policies),
      conversation: turn.threadId,
      summary: turn.lastMessage,
      usage: turn.usage,
      evidence: { turnApprovalPolicies: policies },
      eventLog,
    };
  }

  private environment(added: Readonly<Record<string, string>>): Record<string, string> {
    return agentEnvironment(this.options.environment, { CODEX_HOME: this.options.codexHome, ...added });
  }
}

/** Command-line overrides of model and provider, as TOML values. */
export function codexOverrides(options: Pick<CodexOptions, "model" | "providerUrl" | "auth">): string[] {
  const overrides: string[] = [];
  if (options.model !== undefined) overrides.push(`model=${JSON.stringify(options.model)}`);
  if (options.providerUrl !== undefined) {
    const provider = [
      'name="fleet"',
      `base_url=${JSON.stringify(options.providerUrl)}`,
      'wire_api="responses"',
      ...(options.auth === "none" ? [] : ["requires_openai_auth=true"]),
    ];
    overrides.push('model_provider="fleet"', `model_providers.fleet={${provider.join(",")}}`);
  }
  return overrides.flatMap((override) => ["-c", override]);
}

/**
 * Overrides that pass network variables (proxies, authorities) to the commands the agent runs, since Codex's core
 * environment lacks them. Variables from an operator's config.toml stay.
 */
export function shellOverrides(environment: Readonly<Record<string, string>>): string[] {
  return NETWORK_NAMES.flatMap((name) => {
    const value = environment[name];
    // Other processes can read a command line, so it must not contain an address with credentials.
    if (value === undefined || /\/\/[^/]*@/.test(value)) return [];
    return ["-c", `shell_environment_policy.set.${name}=${JSON.stringify(value)}`];
  });
}

function policyFailure(policies: readonly string[]): AgentFailure | null {
  if (policies.length > 0 && policies.every((policy) => policy === "never")) return null;
  return {
    code: "codex_policy_violated",
    reason: `the turn ran under approval policy ${policies.join(", ") || "unknown (Codex kept no record of it)"}, it must be never`,
    remediation: "check that CODEX_HOME can be written and that no workspace policy of the account forbids never, then retry the run",
  };
}
