import { STAGES, StageExecutionDecision } from "../contract";
import type { Stage } from "../contract";
import type { StageClaim } from "../store";

/** Summary of a run for people and other programs, written when the run succeeds or fails. */
export function runSummary(
  claim: StageClaim,
  end: {
    readonly status: "succeeded" | "failed";
    readonly decision: StageExecutionDecision;
    readonly payload: Readonly<Record<string, unknown>>;
  },
): Record<string, unknown> {
  const payloads: Record<string, Readonly<Record<string, unknown>>> = {
    ...claim.payloads,
    [claim.stage]: { ...end.payload, ...end.decision },
  };
  const known: Record<string, unknown> = Object.assign({}, ...STAGES.map((stage) => payloads[stage] ?? {}));
  return {
    runId: claim.runId,
    status: end.status,
    stage: claim.stage,
    repository: claim.run.repository,
    agent: claim.run.agent,
    featureKey: known["featureKey"] ?? claim.run.featureKey,
    taskId: known["taskId"] ?? null,
    title: known["title"] ?? null,
    noWork: known["noWork"] ?? false,
    codexTaskId: known["codexTaskId"] ?? null,
    branch: known["branch"] ?? null,
    pullRequestUrl: known["prUrl"] ?? null,
    skillExecution: Object.fromEntries(
      STAGES.filter((stage) => payloads[stage] !== undefined).map((stage): [Stage, unknown] => [
        stage,
        StageExecutionDecision.parse(payloads[stage]),
      ]),
    ),
    ...(end.status === "failed" ? { code: known["code"], reason: known["reason"], remediation: known["remediation"] } : {}),
  };
}
