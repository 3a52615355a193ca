import type { Agent, PreflightStatus } from "../contract";

/** A coding agent's command-line tool, run once for one task. */
export interface CodingAgent {
  readonly name: Agent;
  /** Checks policy and credential, without which no turn can succeed. Makes no model call. */
  preflight(): Promise<AgentPreflight>;
  /** Runs one turn in the work tree. Never rejects for what the agent did: see `AgentTurn.failure`. */
  run(request: AgentRequest): Promise<AgentTurn>;
}

export interface AgentRequest {
  readonly prompt: string;
  /** Absolute path; the agent's working directory. */
  readonly workTree: string;
  /** Directory of the task's feature inside the work tree, for Spec Kit's own scripts. */
  readonly featureDirectory: string;
  /** Existing directory for the event log and the tool's own messages. */
  readonly logDirectory: string;
  /** Milliseconds until the agent is asked to stop. */
  readonly softLimit: number;
  /** Milliseconds until its whole process tree is killed. */
  readonly hardLimit: number;
  /** Aborted when the stage has lost its lease: the process tree is killed at once. */
  readonly signal: AbortSignal;
}

export interface AgentPreflight {
  readonly status: Extract<PreflightStatus, "passed" | "failed">;
  /** What was found, one sentence. */
  readonly message: string;
  /** What a person does about it; empty when it passed. */
  readonly remediation: string;
  /** What the tool itself said about its policy, kept as evidence. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Why a turn did not succeed; `code` is stable. */
export interface AgentFailure {
  readonly code: string;
  readonly reason: string;
  readonly remediation: string;
}

export interface AgentTurn {
  /** Null when the turn succeeded. The caller checks whether the turn changed anything. */
  readonly failure: AgentFailure | null;
  /** The tool's own id of the conversation. */
  readonly conversation: string | null;
  /** The agent's last message. */
  readonly summary: string | null;
  readonly usage: Readonly<Record<string, unknown>> | null;
  /** Evidence of the policy under which the turn really ran. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** Absolute path of the event log, JSON lines. */
  readonly eventLog: string;
}
