import { ExitCode } from "../contract";
import type { StageMessage } from "../contract";
import { claimStage, StaleLeaseError } from "../store";
import { ClaimedStage } from "./claimed-stage";
import { LeaseLostError, LeaseUncertainError } from "./lease-keeper";
import { isDatabaseAway } from "./service-away";
import type { StageRunnerServices } from "./stage-runner-services";

/**
 * Runs the stage a message names, from its claim to its end.
 *
 * @returns how the worker answers the broker: OK acknowledges, DATA rejects, TEMPORARY keeps the message and tries again.
 * @throws unexpected errors: the message returns to its queue and the delivery counts.
 */
export async function runStage(message: StageMessage, services: StageRunnerServices): Promise<ExitCode> {
  const log = services.log.child({ runId: message.runId, stage: message.stage, attempt: message.attempt });
  try {
    const result = await claimStage(services.db, message, services.holder);
    switch (result.kind) {
      case "unknown":
        log.error("there is no such run or task: the message is rejected");
        return ExitCode.DATA;
      case "finished":
        log.info("the stage is already finished: the message is acknowledged");
        return ExitCode.OK;
      case "held":
        log.info({ holder: result.holder, until: result.until }, "another worker has the stage: the message is postponed");
        return ExitCode.OK;
      case "claimed":
        return await new ClaimedStage(result.claim, services, log).run();
    }
  } catch (error) {
    if (error instanceof StaleLeaseError || error instanceof LeaseLostError) {
      log.warn({ reason: error.message }, "stopped: another worker has the stage");
      return ExitCode.OK;
    }
    if (error instanceof LeaseUncertainError || isDatabaseAway(error)) {
      log.warn({ reason: (error as Error).message }, "the database is unreachable: the stage is tried again");
      return ExitCode.TEMPORARY;
    }
    throw error;
  }
}
