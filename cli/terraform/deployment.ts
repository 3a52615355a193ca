import path from "node:path";
import type { ContainerEvent } from "../docker/container-event";
import { listContainers } from "../docker/fleet-containers";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { BuildLogs } from "./build-logs";
import { startCdktf } from "./cdktf-process";
import { reportFailure } from "../docker/failure-report";
import { followEvents } from "../docker/follow-events";
import { ProgressView } from "../console/progress-view";
import { advance, initialProgress } from "../docker/service-progress";
import type { ServiceFailure } from "../docker/service-progress";
import { terraformErrors } from "./terraform-errors";

export interface DeploymentOptions {
  readonly command: "deploy" | "destroy";
  readonly stacks: readonly string[];
  /** Terraform's provider does not come from its registry, so its lock for other platforms cannot either. */
  readonly skipProviderLock: boolean;
}

/** How often build logs are looked at, in milliseconds. */
const BUILD_LOG_INTERVAL = 500;

/**
 * Deploys or destroys stacks and shows what happens. The first container that fails is reported at once, with its
 * reason and last lines, and the deployment is stopped: Terraform itself would go on waiting for its health.
 *
 * @throws OperatorError when it does not come to its end; what was made stays, and another deployment goes on from there.
 */
export async function runDeployment(environment: FleetEnvironment, options: DeploymentOptions): Promise<void> {
  const view = new ProgressView();
  let progress = initialProgress(await listContainers(environment.name), Date.now());
  let stopping: Promise<void> | undefined;
  let reason: string | undefined;

  const builds = new BuildLogs(path.join(environment.project.root, "cdktf.out/stacks", environment.names.fleetStack));
  const showBuilds = () => builds.read().forEach((line) => view.line(line));
  const cdktf = startCdktf(environment, options.command, options.stacks, options);
  const stop = (why: string): void => {
    reason ??= why;
    stopping ??= cdktf.interrupt();
  };
  const fail = async (failure: ServiceFailure): Promise<void> => {
    for (const line of await reportFailure(failure)) view.line(line);
    view.line("stopping the deployment; what was made so far stays");
  };
  const onEvent = (event: ContainerEvent): void => {
    const step = advance(progress, event);
    progress = step.progress;
    if (step.row !== undefined) view.service(step.row, progress);
    if (step.failure === undefined || reason !== undefined || options.command === "destroy") return;
    reason = `${step.failure.service} failed`;
    void fail(step.failure).finally(() => stop(reason!));
  };
  const onInterrupt = (): void => {
    // A terminal and npm each send the signal.
    if (stopping !== undefined) return;
    view.line("stopping: Terraform finishes what it is in the middle of and saves its state");
    stop("it was interrupted");
  };

  const events = followEvents(environment.name, onEvent);
  const timer = setInterval(showBuilds, BUILD_LOG_INTERVAL);
  process.on("SIGINT", onInterrupt).on("SIGTERM", onInterrupt);
  try {
    const code = await cdktf.ended;
    await stopping;
    showBuilds();
    if (code !== 0 || reason !== undefined) throw failed(options, environment, reason, cdktf.output(), cdktf.logFile);
  } finally {
    clearInterval(timer);
    process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt);
    events.stop();
    view.close();
  }
}

function failed(
  { command }: DeploymentOptions,
  { name, project }: FleetEnvironment,
  reason: string | undefined,
  output: string,
  logFile: string,
): OperatorError {
  const errors = reason === undefined ? terraformErrors(output) : [];
  const why =
    reason ?? (errors.length === 0 ? `the last of its output:\n${output.trimEnd().split("\n").slice(-15).join("\n")}` : errors.join("\n"));
  const log = path.relative(project.root, logFile);
  return new OperatorError(
    `${command} of ${name} did not come to its end: ${why}\nthe whole output is in ${log}; run the same command again once it is mended`,
    1,
  );
}
