import { dirname, join } from "node:path";
import type { Logger } from "pino";
import { ExitCode, selectSkill, SkillNotAllowedError, stageDurations } from "../contract";
import { publishOutbox } from "../queue";
import { completeStage, failStage, recordDecision, releaseStage, renewLease } from "../store";
import type { StageClaim } from "../store";
import { ArtifactDirectory } from "./artifact-directory";
import { discover } from "./discover";
import { LeaseKeeper } from "./lease-keeper";
import { stageMetrics } from "./metrics";
import { publish } from "./publish";
import { repositoryAddress } from "./repository-address";
import { runSummary } from "./run-summary";
import { isDatabaseAway } from "./service-away";
import { SkillRunner } from "./skill-runner";
import type { StageContext, StageOutcome } from "./stage-context";
import { StageFailure } from "./stage-failure";
import type { StageRunnerServices } from "./stage-runner-services";
import { submit } from "./submit";
import { WorkTree } from "./work-tree";

/** Pause between two attempts to record a stage's end while the database is unreachable, in milliseconds. */
const WRITE_AGAIN = 1_000;

/** One stage under its lease. */
export class ClaimedStage {
  private readonly abort = new AbortController();
  private readonly signal: AbortSignal;
  private readonly keeper: LeaseKeeper;
  private readonly began = performance.now();
  private readonly artifacts: ArtifactDirectory;
  private readonly metrics: ReturnType<typeof stageMetrics>;
  private skills: SkillRunner | undefined;

  constructor(
    private readonly claim: StageClaim,
    private readonly services: StageRunnerServices,
    private readonly log: Logger,
  ) {
    const durations = stageDurations(services.config.SPEC_WORKFLOW_STAGE_TIMEOUT);
    this.signal = AbortSignal.any([this.abort.signal, services.stop]);
    this.keeper = new LeaseKeeper(
      () => renewLease(services.db, claim),
      (reason) => this.abort.abort(reason),
      durations,
    );
    this.artifacts = new ArtifactDirectory(claim.run.artifactsPath, claim.stage, claim.attempt);
    this.metrics = stageMetrics(claim.stage, claim.attempt, services.config);
  }

  async run(): Promise<ExitCode> {
    this.keeper.start();
    this.metrics.started();
    // Discover is short: connect now, so that it need not wait for the connection at its end.
    if (this.claim.stage === "discover") this.connectBroker();
    try {
      const outcome = await this.carryOut();
      this.signal.throwIfAborted();
      await this.complete(outcome);
    } catch (error) {
      if (this.services.stop.aborted) await this.giveBack();
      // An aborted stage fails with the error of whatever it was doing; report the reason of the abort instead.
      if (this.signal.aborted) throw this.signal.reason;
      if (!(error instanceof StageFailure)) throw error;
      await this.fail(error);
    } finally {
      this.keeper.stop();
      await this.metrics.close();
    }
    return ExitCode.OK;
  }

  private async carryOut(): Promise<StageOutcome> {
    const { claim, services } = this;
    await this.artifacts.create();
    const context: Omit<StageContext, "decide"> = {
      claim,
      config: services.config,
      durations: stageDurations(services.config.SPEC_WORKFLOW_STAGE_TIMEOUT),
      workTree: new WorkTree(join(dirname(claim.run.artifactsPath), "repo"), repositoryAddress(claim.run.repository, services.config)),
      artifacts: this.artifacts,
      signal: this.signal,
      log: this.log,
      elapsed: () => performance.now() - this.began,
    };
    const skills = new SkillRunner(context, this.selectedSkill(), (decision) => recordDecision(services.db, claim, decision));
    this.skills = skills;
    await skills.begin();
    this.log.info(skills.executed.decision, "stage started");
    const whole: StageContext = { ...context, decide: (stage, request) => skills.decide(stage, request) };
    switch (claim.stage) {
      case "discover":
        return discover(whole);
      case "submit":
        return submit(whole, services.agents[claim.run.agent]());
      case "publish":
        return publish(whole);
    }
  }

  private selectedSkill(): string {
    try {
      return selectSkill(this.claim.stage, this.claim.run.skillOverrides, this.services.config);
    } catch (error) {
      if (!(error instanceof SkillNotAllowedError)) throw error;
      throw new StageFailure({
        code: "skill_not_allowed",
        reason: error.message,
        remediation: "allow the skill on the workers too, or retry the run without it",
      });
    }
  }

  private async complete(outcome: StageOutcome): Promise<void> {
    const { claim, services } = this;
    if (outcome.next !== null) this.connectBroker();
    const executed = this.skills!.executed;
    const payload = { ...outcome.payload, ...executed.decision, ...this.fallbackReason() };
    const artifacts = [...outcome.artifacts, ...executed.artifacts];
    if (outcome.next === null) {
      const summary = runSummary(claim, { status: "succeeded", decision: executed.decision, payload });
      artifacts.push(await this.artifacts.writeJson("run_summary", "run-summary.json", summary));
    }
    const outboxIds = await this.write(() =>
      completeStage(services.db, claim, {
        status: "succeeded",
        message: outcome.message,
        payload,
        artifacts,
        run: outcome.run,
        next: outcome.next,
      }),
    );
    this.keeper.stop();
    const milliseconds = Math.round(performance.now() - this.began);
    this.metrics.ended("success", milliseconds);
    this.log.info({ ...executed.decision, milliseconds, next: outcome.next }, `stage succeeded: ${outcome.message}`);
    if (outboxIds.length === 0) return;
    // The API's sweep publishes the rows that are not published here.
    const published = await publishOutbox(services.db, services.publisher, { ids: outboxIds });
    if (published.error !== null)
      this.log.warn({ reason: published.error.message }, "the broker took no message: the API's sweep publishes the next stage");
  }

  private async fail(failure: StageFailure): Promise<void> {
    const { claim, services } = this;
    const { code, reason, remediation } = failure;
    const executed = this.skills?.executed;
    const decision = executed?.decision ?? claim.payload;
    const payload = { ...failure.payload, ...executed?.decision, ...this.fallbackReason() };
    const summary = runSummary(claim, { status: "failed", decision, payload: { ...payload, code, reason, remediation } });
    const artifacts = [
      ...failure.artifacts,
      ...(executed?.artifacts ?? []),
      await this.artifacts.writeJson("run_summary", "run-summary.json", summary),
    ];
    await this.write(() =>
      failStage(services.db, claim, { code, reason, remediation, message: reason, payload, artifacts, run: failure.run }),
    );
    const milliseconds = Math.round(performance.now() - this.began);
    this.metrics.ended("failure", milliseconds);
    this.log.error({ ...executed?.decision, milliseconds, code, remediation }, `stage failed: ${reason}`);
  }

  /** Connects in the background; publishing reports whether the connection works. */
  private connectBroker(): void {
    void this.services.publisher.check().catch(() => undefined);
  }

  /** Frees the lease, so that the message's next delivery need not wait until the lease expires. */
  private async giveBack(): Promise<void> {
    try {
      await releaseStage(this.services.db, this.claim, { enqueue: false });
    } catch (error) {
      this.log.warn({ reason: (error as Error).message }, "the lease could not be given back: it expires by itself");
    }
  }

  /** Records the end of the stage. The work is done, so wait for an unreachable database as long as the lease lasts. */
  private async write<T>(end: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await end();
      } catch (error) {
        if (!isDatabaseAway(error) || this.keeper.remaining() <= WRITE_AGAIN) throw error;
        this.log.warn({ reason: (error as Error).message }, "the database is unreachable: the stage's end is written again");
        await new Promise((resolve) => setTimeout(resolve, WRITE_AGAIN));
        this.signal.throwIfAborted();
      }
    }
  }

  private fallbackReason(): { fallbackReason?: string } {
    const reason = this.skills?.executed.fallbackReason ?? null;
    return reason === null ? {} : { fallbackReason: reason };
  }
}
