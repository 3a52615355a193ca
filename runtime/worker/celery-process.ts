import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";

/** How the Celery process of a queue ended. */
export interface CeleryEnd {
  /** As a shell reports it: 128 plus the signal's number when a signal killed it. */
  readonly exitCode: number;
  /** Whether `stop` was called before. */
  readonly asked: boolean;
}

/** The Celery process that consumes one queue. Prefetch is per queue on quorum queues, so each queue has its own. */
export class CeleryProcess {
  /** Settles when the process is gone; never rejects. */
  readonly ended: Promise<CeleryEnd>;
  private readonly child: ChildProcess;
  private asked = false;

  constructor(
    readonly queue: string,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.child = spawn("celery", celeryArguments(queue, environment["LOG_LEVEL"]), {
      env: { ...environment },
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.ended = new Promise((resolve) => {
      this.child.once("error", () => resolve({ exitCode: 127, asked: this.asked }));
      this.child.once("exit", (code, signal) => resolve({ exitCode: code ?? 128 + constants.signals[signal!], asked: this.asked }));
    });
  }

  /** Warm shutdown: Celery takes no further message and finishes the running task. */
  stop(): void {
    if (this.asked) return;
    this.asked = true;
    this.child.kill("SIGTERM");
  }
}

/**
 * One consumer, one job at a time. Gossip and mingle would only add a second to the start. Celery's event heartbeat would
 * declare an exchange every two seconds, which the broker refuses; the AMQP heartbeat of the connection stays on.
 */
export function celeryArguments(queue: string, logLevel: string | undefined): string[] {
  const level = { debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR" }[(logLevel ?? "info").toLowerCase()] ?? "INFO";
  return [
    "-A",
    "celery_app",
    "worker",
    "-Q",
    queue,
    "-n",
    `${queue}@%h`,
    "--concurrency",
    "1",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "--loglevel",
    level,
  ];
}
