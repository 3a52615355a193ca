import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../console/operator-error";
import { ProgressView } from "../console/progress-view";
import { followEvents } from "../docker/container-event";
import type { ContainerEvent } from "../docker/container-event";
import { reportFailure } from "../docker/failure-report";
import { listContainers } from "../docker/fleet-containers";
import { advance, initialProgress } from "../docker/service-progress";
import type { ServiceFailure } from "../docker/service-progress";
import type { FleetEnvironment } from "../project/fleet-environment";
import { logFile } from "../project/log-file";
import { BuildLogs } from "./build-logs";
import { stateIsComplete } from "./fleet-state";
import { Stack } from "./stack";
import type { StackPlan, StackRun } from "./stack";
import type { Synthesis } from "./synthesis";

/** What deploying an environment would change: first its volumes and networks, then everything else. */
export interface DeploymentPlan {
  readonly data: StackPlan;
  readonly fleet: StackPlan;
}

/** How often build logs are looked at, in milliseconds. */
const BUILD_LOG_INTERVAL = 500;

/** The stacks of an environment, with what Terraform writes about both in one file. */
export class Deployment {
  private readonly data: Stack;
  private readonly fleet: Stack;
  private readonly logFile: string;
  private readonly log: number;

  constructor(
    private readonly environment: FleetEnvironment,
    synthesis: Synthesis,
    private readonly command: "plan" | "deploy" | "destroy",
  ) {
    const { name, names, project } = environment;
    this.logFile = logFile(project, `${command}.${name}`);
    this.log = openSync(this.logFile, "w", 0o600);
    const write = (stack: string) => (line: string) => void writeSync(this.log, `${stack} ${line}\n`);
    this.data = new Stack(names.dataStack, synthesis.data, write(names.dataStack));
    this.fleet = new Stack(names.fleetStack, synthesis.fleet, write(names.fleetStack));
  }

  /**
   * Plans both stacks side by side, because they share names and no state. Nothing is changed.
   *
   * @param options.believeState Whether the plan of the data stack may believe its state while every volume and network in
   * it is on the engine: Terraform's provider takes two seconds to look at a network. @default false
   * @throws OperatorError with Terraform's own errors.
   */
  async plan({ believeState = false }: { readonly believeState?: boolean } = {}): Promise<DeploymentPlan> {
    const refresh = !believeState || !(await stateIsComplete(this.environment));
    const runs = [this.data.plan({ refresh }), this.fleet.plan({ refresh: true })] as const;
    let interrupted = false;
    const onSignal = onFirstSignal(() => {
      interrupted = true;
      runs.forEach((run) => run.interrupt());
    });
    try {
      const [data, fleet] = await Promise.allSettled([runs[0].ended, runs[1].ended]);
      if (interrupted) throw new OperatorError(`the plan of ${this.environment.name} was interrupted, nothing was changed`, 130);
      return { data: fulfilled(data), fleet: fulfilled(fleet) };
    } finally {
      onSignal.forget();
    }
  }

  /** Carries out a plan and shows what happens, as `watched` does. */
  async apply({ data, fleet }: DeploymentPlan): Promise<void> {
    const due = [data, fleet].filter(({ changes }) => changes !== undefined);
    await this.watched(
      due.map(
        ({ stack }) =>
          () =>
            stack.apply(),
      ),
    );
  }

  /**
   * Destroys the fleet's stack; the data stack stays. So do the images, which the provider keeps on the engine anyway: as
   * long as the state knows them, they are not built again.
   */
  async destroy(): Promise<void> {
    await this.watched([() => this.fleet.destroy(["docker_image"])]);
  }

  /** A plan is of no use to anybody later: what it was made from changes. */
  close(): void {
    closeSync(this.log);
    for (const stack of [this.data, this.fleet]) stack.forgetPlan();
  }

  /**
   * Runs Terraform, one stack after the other, and shows what happens to the containers. The first that fails is reported
   * at once, with its reason and last lines, and the deployment is stopped: Terraform itself would go on waiting for its
   * health.
   *
   * @throws OperatorError when it does not come to its end; what was made stays, and another deployment goes on from there.
   */
  private async watched(steps: readonly (() => StackRun<void>)[]): Promise<void> {
    const { name, project } = this.environment;
    const view = new ProgressView();
    let progress = initialProgress(await listContainers(name), Date.now());
    let running: StackRun<void> | undefined;
    let stopped: string | undefined;

    const builds = new BuildLogs(this.fleet.directory);
    const showBuilds = () => builds.read().forEach(({ image, text }) => view.build(image, text));
    const stop = (why: string): void => {
      stopped ??= why;
      running?.interrupt();
    };
    const fail = async (failure: ServiceFailure): Promise<void> => {
      for (const line of await reportFailure(failure)) view.line(line);
      view.line("stopping the deployment; what was made so far stays");
    };
    const onEvent = (event: ContainerEvent): void => {
      const step = advance(progress, event);
      progress = step.progress;
      if (step.row !== undefined) view.service(step.row, progress);
      if (step.failure === undefined || stopped !== undefined || this.command === "destroy") return;
      const why = `${step.failure.service} failed`;
      stopped = why;
      void fail(step.failure).finally(() => stop(why));
    };
    const onSignal = onFirstSignal(() => {
      view.line("stopping: Terraform finishes what it is in the middle of and saves its state");
      stop(INTERRUPTED);
    });

    const events = followEvents(name, onEvent);
    const timer = setInterval(showBuilds, BUILD_LOG_INTERVAL);
    try {
      for (const step of steps) {
        if (stopped !== undefined) break;
        running = step();
        await running.ended;
      }
      if (stopped !== undefined) throw new OperatorError(stopped, 1);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      throw new OperatorError(
        `${this.command} of ${name} did not come to its end: ${stopped ?? error.message}\n` +
          `the whole output is in ${path.relative(project.root, this.logFile)}; run the same command again once it is mended`,
        stopped === INTERRUPTED ? 130 : 1,
      );
    } finally {
      showBuilds();
      clearInterval(timer);
      onSignal.forget();
      events.stop();
      view.close();
    }
  }
}

const INTERRUPTED = "it was interrupted";

/** Does something when this program is told to end, once: a terminal and npm each send the signal. */
function onFirstSignal(act: () => void): { readonly forget: () => void } {
  let happened = false;
  const once = (): void => {
    if (!happened) act();
    happened = true;
  };
  process.on("SIGINT", once).on("SIGTERM", once);
  return { forget: () => void process.off("SIGINT", once).off("SIGTERM", once) };
}

function fulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
