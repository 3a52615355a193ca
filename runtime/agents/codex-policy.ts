import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** In milliseconds; `codex doctor` also asks the network for a newer version. */
const DOCTOR_TIMEOUT = 20_000;

/** The effective policy, after every layer of configuration. */
export interface CodexPolicy {
  /** As Codex itself names it: `Never`, `OnRequest`; null when the configuration cannot be loaded. */
  readonly approvalPolicy: string | null;
  /** What Codex itself says about loading its configuration. */
  readonly configuration: string;
  readonly version: string | null;
}

/** Asks Codex for the policy it would run under. Makes no model call. */
export async function effectiveCodexPolicy(environment: Readonly<Record<string, string>>): Promise<CodexPolicy> {
  const { stdout, stderr, code } = await execa("codex", ["doctor", "--json"], {
    env: environment,
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: DOCTOR_TIMEOUT,
  });
  if (code === "ENOENT") return { approvalPolicy: null, configuration: "codex is not on PATH", version: null };
  return readDoctorReport(stdout, stderr);
}

/** Reads the report of `codex doctor --json`. The exit code is not used: it also depends on unrelated checks. */
export function readDoctorReport(stdout: string, stderr: string): CodexPolicy {
  let report: DoctorReport;
  try {
    report = JSON.parse(stdout) as DoctorReport;
  } catch {
    return { approvalPolicy: null, configuration: `codex doctor gave no report: ${stderr.trim().slice(-400)}`, version: null };
  }
  const loaded = report.checks?.["config.load"];
  const sandbox = report.checks?.["sandbox.helpers"];
  return {
    approvalPolicy: loaded?.status === "fail" ? null : (sandbox?.details?.["approval policy"] ?? null),
    configuration: [loaded?.summary, loaded?.remediation].filter(Boolean).join(": ") || "codex doctor does not say",
    version: report.codexVersion ?? null,
  };
}

/** The policies under which the turns of a conversation really ran, from Codex's own record of it (the rollout). */
export async function policiesOfConversation(codexHome: string, threadId: string): Promise<string[]> {
  const sessions = join(codexHome, "sessions");
  // Codex stores a conversation in the directory of the day it began, in Codex's time zone: look at the newest days.
  for (const day of await newestDays(sessions, 3)) {
    const name = (await readdir(day)).find((file) => file.startsWith("rollout-") && file.includes(threadId));
    if (name !== undefined) return readTurnPolicies(await readFile(join(day, name), "utf8"));
  }
  return [];
}

/** Every `approval_policy` of the `turn_context` lines, each once. */
export function readTurnPolicies(rollout: string): string[] {
  const policies = new Set<string>();
  for (const line of rollout.split("\n")) {
    if (!line.includes('"turn_context"')) continue;
    const record = JSON.parse(line) as { type?: string; payload?: { approval_policy?: unknown } };
    if (record.type === "turn_context") policies.add(String(record.payload?.approval_policy));
  }
  return [...policies];
}

async function newestDays(sessions: string, count: number): Promise<string[]> {
  let level = [sessions];
  for (let depth = 0; depth < 3; depth += 1) {
    const below = await Promise.all(level.map(async (directory) => (await directories(directory)).map((name) => join(directory, name))));
    level = below.flat().sort().reverse().slice(0, count);
  }
  return level;
}

async function directories(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

interface DoctorReport {
  readonly codexVersion?: string;
  readonly checks?: Readonly<
    Record<string, { status?: string; summary?: string; remediation?: string | null; details?: Record<string, string> }>
  >;
}
