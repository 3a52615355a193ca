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

/** The changes of a deployment: first of volumes and networks, then of everything else. */
export interface DeploymentPlan {
  readonly data: StackPlan;
  readonly fleet: StackPlan;
}

/** Interval for reading build logs, in milliseconds. */
const BUILD_LOG_INTERVAL = 500;

/** Plans and applies both stacks of an environment; one log file has Terraform's output about both. */
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
   * Plans both stacks concurrently, which is possible because they share names but no state. Changes nothing.
   *
   * @param options.believeState Whether to plan the data stack from its state alone if every volume and network in it
   * exists on the engine; Terraform's provider needs two seconds to refresh a network. @default false
   * @throws OperatorError with Terraform's errors.
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
      await Promise.allSettled(runs.map(({ ended }) => ended));
      if (interrupted) throw new OperatorError(`the plan of ${this.environment.name} was interrupted, nothing was changed`, 130);
      return { data: await runs[0].ended, fleet: await runs[1].ended };
    } finally {
      onSignal.forget();
    }
  }

  /** Applies a plan and shows the progress (see `watched`). */
  async apply({ data, fleet }: DeploymentPlan): Promise<void> {
    const due = [data, fleet].filter(({ changes }) => changes !== undefined);
    await this.watched(due.map(({ stack }) => stack.apply.bind(stack)));
  }

  /**
   * Destroys the fleet's stack; the data stack stays. The images stay in the state too: the provider keeps them on the
   * engine anyway, and while the state has them, they are not built again.
   */
  async destroy(): Promise<void> {
    await this.watched([() => this.fleet.destroy(["docker_image"])]);
  }

  /** Closes the log and deletes the plans, which would soon be outdated. */
  close(): void {
    closeSync(this.log);
    for (const stack of [this.data, this.fleet]) stack.forgetPlan();
  }

  /**
   * Runs Terraform, one stack after the other, and shows the progress of the containers. When a container fails, it
   * reports the reason and the last log lines at once and stops the deployment; Terraform would go on waiting until the
   * container is healthy.
   *
   * @throws OperatorError when the deployment fails; what was created stays, and the next deployment goes on from there.
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
      view.line("stopping: Terraform finishes its current operations and saves its state");
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
        `${this.command} of ${name} failed: ${stopped ?? error.message}\n` +
          `the complete output is in ${path.relative(project.root, this.logFile)}; fix the cause, then run the same command again`,
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

/** Calls `act` at the first SIGINT or SIGTERM only: the terminal and npm may both send the signal. */
function onFirstSignal(act: () => void): { readonly forget: () => void } {
  let happened = false;
  const once = (): void => {
    if (!happened) act();
    happened = true;
  };
  process.on("SIGINT", once).on("SIGTERM", once);
  return { forget: () => void process.off("SIGINT", once).off("SIGTERM", once) };
}
