import { dirname } from "node:path";
import type { AgentTurn, CodingAgent } from "../agents";
import type { SubmitResult } from "../contract";
import type { ArtifactFile } from "./artifact-directory";
import { discovered } from "./earlier-stages";
import { directPrompt } from "./direct-prompt";
import type { StageContext, StageOutcome } from "./stage-context";
import { StageFailure } from "./stage-failure";

/** Lets the agent carry out the task and stores its changes as a patch. */
export async function submit(context: StageContext, agent: CodingAgent): Promise<StageOutcome> {
  const { claim, workTree, artifacts, durations } = context;
  const { task, base } = discovered(claim);
  const [checkout, preflight] = await Promise.all([settled(workTree.checkout(base)), agent.preflight()]);
  if (preflight.status === "failed") {
    throw new StageFailure({
      code: `${agent.name}_preflight_failed`,
      reason: preflight.message,
      remediation: `${preflight.remediation}, then retry the run`,
      artifacts: [await artifacts.writeJson("policy_evidence", "policy-evidence.json", preflight.evidence)],
      payload: { codexPreflightStatus: "failed" },
      run: { codexPreflightStatus: "failed", codexPreflightMessage: preflight.message },
    });
  }
  checkout();
  const { prompt } = await context.decide("submit", {
    input: { featureKey: task.featureKey, task, summary: null },
    direct: async (): Promise<SubmitResult> => ({ prompt: directPrompt(task, claim.run.notes) }),
    verify: async () => undefined,
    restore: () => workTree.checkout(base),
  });
  context.signal.throwIfAborted();
  const turn = await agent.run({
    prompt,
    workTree: workTree.path,
    featureDirectory: dirname(task.tasksPath),
    logDirectory: artifacts.path,
    softLimit: Math.max(0, durations.soft - context.elapsed()),
    hardLimit: Math.max(0, durations.hard - context.elapsed()),
    signal: context.signal,
  });
  context.signal.throwIfAborted();
  return judge(context, agent, turn, {
    tasksPath: task.tasksPath,
    commit: base.commit,
    preflight: { message: preflight.message, evidence: preflight.evidence },
  });
}

/** Waits for a promise; the returned function returns its value or throws its error. */
async function settled<T>(promise: Promise<T>): Promise<() => T> {
  return promise.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
}

async function judge(
  { workTree, artifacts }: StageContext,
  agent: CodingAgent,
  turn: AgentTurn,
  known: { tasksPath: string; commit: string; preflight: { message: string; evidence: object } },
): Promise<StageOutcome> {
  const { patch, paths } = await workTree.changesSince(known.commit);
  const evidence = { agent: agent.name, ...known.preflight.evidence, after: turn.evidence };
  const patchFile = await artifacts.write("codex_patch", "change.patch", patch);
  const logFile = await artifacts.describe("codex_logs", turn.eventLog);
  const files: ArtifactFile[] = [
    logFile,
    patchFile,
    await artifacts.writeJson("policy_evidence", "policy-evidence.json", evidence),
    await artifacts.writeJson("codex_usage", "usage.json", turn.usage),
  ];
  const payload = {
    codexTaskId: turn.conversation,
    codexPreflightStatus: "passed",
    summary: turn.summary,
    changedPaths: paths,
    logsPath: logFile.path,
    patchPath: patchFile.path,
    patchDigest: patchFile.digest,
  };
  const run = {
    codexTaskId: turn.conversation,
    codexPreflightStatus: "passed",
    codexPreflightMessage: known.preflight.message,
    codexLogsPath: logFile.path,
    codexPatchPath: patchFile.path,
  } as const;
  const failure = turn.failure ?? unchangedFailure(agent, paths, known.tasksPath, turn.summary);
  if (failure !== null) throw new StageFailure({ ...failure, artifacts: files, payload, run });
  return {
    message: `${agent.name} changed ${paths.length} file${paths.length === 1 ? "" : "s"}`,
    payload,
    artifacts: files,
    run,
    next: "publish",
  };
}

/** An agent that only ticked its task in the task list has changed nothing. */
function unchangedFailure(agent: CodingAgent, paths: readonly string[], tasksPath: string, summary: string | null) {
  if (paths.some((path) => path !== tasksPath)) return null;
  return {
    code: "agent_changed_nothing",
    reason: `${agent.name} ended its turn without changing a file; it said: ${summary?.slice(0, 500) ?? "nothing"}`,
    remediation: "say in the task what has to be changed, or tick it off if it is done, then retry the run",
  };
}
