import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { ExitCode } from "../contract";
import type { CodexWorkerStartupProfile, WorkerPhase } from "../contract";
import { containerName, loginCommand, QUEUES_OF, queueName } from "../preflight";
import type { QueueRole, WorkerConfiguration } from "../preflight";
import { CeleryProcess } from "./celery-process";
import { LoginWatch } from "./login-watch";
import { policyFilesOf, PolicyWatch } from "./policy-watch";
import type { StateDirectory } from "./state-directory";
import { planWorker } from "./worker-plan";

/** Pause between two turns of the loop while the worker is changing its state, in milliseconds. */
const BRISK = 200;
const BEAT = 2_000;

export interface WorkerOptions {
  readonly configuration: WorkerConfiguration;
  readonly profile: CodexWorkerStartupProfile;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly state: StateDirectory;
  readonly log: Logger;
  /** Aborted by SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
  /** Stores the profile where `doctor` reads it; must not reject. */
  readonly save: (profile: CodexWorkerStartupProfile) => Promise<void>;
  /** Interval of the heartbeat, in milliseconds. @default 2000 */
  readonly beat?: number;
}

/**
 * Runs the worker's Celery processes until it is told to stop or one of them dies.
 *
 * @returns the exit code: 0 after a stop that waited for the running tasks, else the code of the Celery process that died.
 */
export async function runWorker(options: WorkerOptions): Promise<number> {
  const { configuration, environment, state, stop } = options;
  const { worker, config, codexHome } = configuration;
  const celery = new Map<QueueRole, CeleryProcess>();
  const deaths: { role: QueueRole; exitCode: number }[] = [];
  const login = config.CODEX_AUTH === "chatgpt" && worker === "codex" ? new LoginWatch(codexHome) : undefined;
  const policy = new PolicyWatch(codexHome, policyFilesOf(config));
  const announce = announcer(options);
  let wake = new AbortController();
  let consumedBefore = false;

  const start = (role: QueueRole) => {
    const child = new CeleryProcess(queueName(role, config), { ...environment, CODEX_HOME: codexHome });
    celery.set(role, child);
    void child.ended.then(({ exitCode, asked }) => {
      celery.delete(role);
      if (!asked) deaths.push({ role, exitCode });
      wake.abort();
    });
  };

  for (;;) {
    const problem = policy.look();
    const plan = planWorker({
      worker,
      stopping: stop.aborted || deaths.length > 0,
      loggedIn: login === undefined || (await login.look()),
      policyIntact: problem === null,
      fresh: new Set(QUEUES_OF[worker].filter((role) => celery.has(role) && state.isConsumed(queueName(role, config)))),
      consumedBefore,
    });
    if (plan.phase === "consuming") consumedBefore = true;
    if (plan.healthy) state.beat();
    await announce(plan.phase, problem);
    for (const [role, child] of celery) if (!plan.queues.includes(role)) child.stop();
    if (plan.phase === "stopping") break;
    for (const role of plan.queues) if (!celery.has(role)) start(role);
    await pause(plan.healthy || plan.phase === "suspended" ? (options.beat ?? BEAT) : BRISK, AbortSignal.any([stop, wake.signal]));
    if (wake.signal.aborted) wake = new AbortController();
  }

  await Promise.all([...celery.values()].map((child) => child.ended));
  const death = deaths[0];
  if (death === undefined) return ExitCode.OK;
  options.log.error(
    { queue: queueName(death.role, config), exitCode: death.exitCode },
    `the Celery process of the queue ${queueName(death.role, config)} ended with ${death.exitCode}`,
  );
  return death.exitCode;
}

/** Reports every change of phase, or of its reason, once: in the state files, the log and the database. */
function announcer({
  configuration,
  profile,
  environment,
  state,
  log,
  save,
}: WorkerOptions): (phase: WorkerPhase, problem: string | null) => Promise<void> {
  let told: WorkerPhase = "starting";
  let toldProblem: string | null = null;
  const { worker, config } = configuration;
  return async (phase, problem) => {
    if (phase === told && problem === toldProblem) return;
    told = phase;
    toldProblem = problem;
    const now = profileIn(phase, profile);
    state.writePhase(phase);
    state.writeProfile(now);
    const queues = QUEUES_OF[worker].map((role) => queueName(role, config)).join(", ");
    if (phase === "consuming") log.info({ phase }, `ready: consuming ${queues}`);
    else if (phase === "waiting_for_login") {
      log.warn(
        { phase },
        `waiting for a login, no Codex job is taken until then: ${loginCommand(config.FLEET_ENVIRONMENT, containerName(config.FLEET_ENGINE, environment))}`,
      );
    } else if (phase === "suspended")
      log.error({ phase }, `suspended: ${problem ?? `a Celery process no longer consumes (${queues}); is the broker reachable?`}`);
    else log.info({ phase }, phase);
    await save(now);
  };
}

/** The startup profile in a phase; a login after the start is added to it. */
function profileIn(phase: WorkerPhase, profile: CodexWorkerStartupProfile): CodexWorkerStartupProfile {
  const loggedInLater = phase === "consuming" && profile.codexPreflight.status === "waiting_for_login";
  return {
    ...profile,
    phase,
    ...(loggedInLater ? { codexPreflight: { status: "passed" as const, message: "logged in after the start" } } : {}),
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
