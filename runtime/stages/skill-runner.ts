import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type { SkillInput, Stage, StageExecutionDecision } from "../contract";
import type { ArtifactFile } from "./artifact-directory";
import { executionRoute, fallbackDecision } from "./execution-route";
import { runSkill } from "./run-skill";
import type { SkillResult } from "./run-skill";
import type { DecisionRequest, ExecutionRecord, StageContext } from "./stage-context";
import { StageFailure } from "./stage-failure";

type Context = Omit<StageContext, "decide">;

/** Lets a stage's skill or its direct logic decide, and records which of them did. */
export class SkillRunner {
  private decision: StageExecutionDecision;
  private fallbackReason: string | null = null;
  private shadowArtifact: ArtifactFile | null = null;
  private readonly route: ReturnType<typeof executionRoute>;

  /** @param record Writes the decision into the task row before anything runs. */
  constructor(
    private readonly context: Context,
    private readonly selectedSkill: string,
    private readonly record: (decision: StageExecutionDecision) => Promise<void>,
  ) {
    this.route = executionRoute(context.claim.stage, context.claim.runId, selectedSkill, context.config);
    this.decision = this.route.decision;
  }

  get executed(): ExecutionRecord {
    return {
      decision: this.decision,
      fallbackReason: this.fallbackReason,
      artifacts: this.shadowArtifact === null ? [] : [this.shadowArtifact],
    };
  }

  async begin(): Promise<void> {
    await this.record(this.decision);
  }

  async decide<S extends Stage>(stage: S, request: DecisionRequest<S>): Promise<SkillResult<S>> {
    if (this.route.shadow) await this.runShadow(stage, request);
    if (!this.route.useSkill) return request.direct();
    try {
      const result = (await runSkill(this.selectedSkill, stage, this.input(request), this.options()))!;
      await request.verify(result);
      return result;
    } catch (error) {
      // When the stage was stopped, do not fall back.
      this.context.signal.throwIfAborted();
      return this.fallBack(request, error as Error);
    }
  }

  private async fallBack<S extends Stage>(request: DecisionRequest<S>, error: Error): Promise<SkillResult<S>> {
    this.fallbackReason = error.message;
    if (!this.route.fallback) {
      throw new StageFailure({
        code: "skill_failed",
        reason: `the skill "${this.selectedSkill}" failed: ${error.message}`,
        remediation: "fix the skill or the repository, or let direct logic take over with skills.fallback = true, then retry the run",
      });
    }
    this.context.log.warn({ skill: this.selectedSkill, reason: error.message }, "skill failed, direct logic takes over");
    this.decision = fallbackDecision(this.decision);
    await this.record(this.decision);
    await request.restore();
    return request.direct();
  }

  private async runShadow<S extends Stage>(stage: S, request: DecisionRequest<S>): Promise<void> {
    const { workTree, artifacts, log } = this.context;
    const path = `${workTree.path}.shadow-${randomUUID()}`;
    let outcome: Record<string, unknown>;
    try {
      const copy = await workTree.copyTo(path);
      const input = { ...this.input(request), workTree: path };
      const result = await runSkill(this.selectedSkill, stage, input, { ...this.options(), accept: (skill) => skill.manifest.shadow });
      const head = (await copy.git(["rev-parse", "HEAD"])).trim();
      outcome =
        result === null
          ? { ran: false, reason: "the skill's front matter does not say shadow: true" }
          : { ran: true, result, patch: (await copy.changesSince(head)).patch };
    } catch (error) {
      this.context.signal.throwIfAborted();
      outcome = { ran: true, error: (error as Error).message };
    } finally {
      await rm(path, { recursive: true, force: true });
    }
    log.info({ skill: this.selectedSkill, ran: outcome["ran"] }, "skill ran in shadow mode");
    this.shadowArtifact = await artifacts.writeJson("skill_shadow", "skill-shadow.json", { skill: this.selectedSkill, stage, ...outcome });
  }

  private input<S extends Stage>(request: DecisionRequest<S>): SkillInput {
    const { claim, config, workTree } = this.context;
    return {
      runId: claim.runId,
      stage: claim.stage,
      attempt: claim.attempt,
      repository: claim.run.repository,
      workTree: workTree.path,
      tasksRoot: config.SPEC_WORKFLOW_TASKS_ROOT,
      agent: claim.run.agent,
      notes: claim.run.notes,
      ...request.input,
    };
  }

  private options() {
    const { config, artifacts, signal } = this.context;
    return { roots: config.SPEC_WORKFLOW_SKILLS_ROOT, logDirectory: artifacts.path, signal };
  }
}
