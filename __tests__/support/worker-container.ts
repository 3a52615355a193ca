import type { EnvironmentInput } from "../../constructs";
import type { Agent } from "../../runtime/contract";
import { output, run } from "./command";
import { eventually } from "./eventually";
import type { FleetSurroundings, Lane } from "./fleet-surroundings";
import { runContainer } from "./run-container";
import { containerOf, synthesizedFleet } from "./synthesized";
import type { Json } from "./synthesized";

/** A worker's container as the fleet defines it, and changes to break it. */
export type WorkerDefinition = Json & {
  user: string;
  env: string[];
  command: string[];
  tmpfs: Record<string, string>;
  mounts: { type: string; source: string; target: string; read_only: boolean }[];
};

export interface WorkerOptions {
  readonly image: string;
  readonly agent?: Agent;
  readonly settings?: EnvironmentInput;
  /** Variables in place of the environment's. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly change?: (definition: WorkerDefinition) => void;
  readonly network?: string;
}

/** One line of a worker's log that reports a check. */
export interface CheckLine {
  readonly check: string;
  readonly status: "ok" | "warning" | "failed" | "unavailable";
  readonly found: string;
  readonly fix: string;
}

/** A worker's report when it accepts no job. */
export interface Refusal {
  readonly exitCode: number;
  /** Checks that were carried out and did not pass. */
  readonly red: readonly CheckLine[];
}

/** Time a slow machine needs to start three workers at once, in milliseconds; each look is a process. */
const PATIENCE = [180_000, 400] as const;
/** Settings of a worker without an account; nothing calls its provider here. */
const NO_LOGIN: EnvironmentInput = { embedding: { provider: "none" }, codex: { auth: "none", provider_url: "http://127.0.0.1:9/v1" } };

/** A real worker in a real container, hardened, limited and restarted as in the fleet. */
export class WorkerContainer {
  static async start(surroundings: FleetSurroundings, lane: Lane, name: string, options: WorkerOptions): Promise<WorkerContainer> {
    const { agent = "codex" } = options;
    const { fleet } = synthesizedFleet({ ...NO_LOGIN, ...options.settings });
    const definition = structuredClone(containerOf(fleet, `celery_${agent}_worker`)) as WorkerDefinition;
    const variables = {
      CELERY_BROKER_URL: `amqp://rabbitmq:5672/${lane.vhost}`,
      ...(agent === "codex" ? { CODEX_VOLUME_NAME: lane.volumes.auth } : {}),
      ...options.variables,
    };
    const kept = definition.env.filter((each) => !(each.slice(0, each.indexOf("=")) in variables));
    definition.env = [...kept, ...Object.entries(variables).map(([key, value]) => `${key}=${value}`)];
    const volumes: Record<string, string> = {
      codex_auth_volume: lane.volumes.auth,
      [`test-secrets-${agent}-worker`]: lane.volumes.secrets,
      "test-speckit_workspaces": lane.volumes.workspaces,
    };
    options.change?.(definition);
    const health = definition["healthcheck"] as {
      test: string[];
      interval: string;
      timeout: string;
      retries: number;
      start_period: string;
    };
    const container = surroundings.name(name);
    await runContainer(definition, {
      ...{ image: options.image, name: container, volumes, network: options.network ?? surroundings.network },
      extra: [
        ...["--restart", definition["restart"] as string, "--label", surroundings.label],
        ...["--health-cmd", shellWords(health.test.slice(1)), "--health-interval", health.interval],
        ...["--health-timeout", health.timeout, "--health-retries", String(health.retries), "--health-start-period", health.start_period],
      ],
    });
    return new WorkerContainer(surroundings, container);
  }

  private constructor(
    private readonly surroundings: FleetSurroundings,
    readonly name: string,
  ) {}

  /** The worker's first report that it refuses to work. */
  async refusal(): Promise<Refusal> {
    let lines: readonly Json[] = [];
    await eventually(
      async () => {
        if (this.surroundings.deaths.of(this.name).length === 0) throw new Error(`${this.name} has not ended:\n${await this.text()}`);
        lines = await this.lines();
      },
      ...PATIENCE,
    );
    const end = lines.findIndex(({ msg }) => String(msg).startsWith("preflight failed"));
    if (end < 0) throw new Error(`${this.name} ended without a refusal:\n${await this.text()}`);
    const red = (lines.slice(0, end) as unknown as CheckLine[]).filter(
      ({ check, status, found }) => check !== undefined && status !== "ok" && !found.startsWith("not checked"),
    );
    return { exitCode: this.surroundings.deaths.of(this.name)[0]!, red };
  }

  /** Resolves when the worker consumes all its queues; returns the checks that warned at its last start. */
  async ready(): Promise<readonly CheckLine[]> {
    return this.warningsBefore(/^ready: consuming /);
  }

  /** Resolves when the worker consumes all queues but its agent's and waits for a login; returns the checks that warned. */
  async waiting(): Promise<readonly CheckLine[]> {
    return this.warningsBefore(/^waiting for a login/);
  }

  private async warningsBefore(words: RegExp): Promise<readonly CheckLine[]> {
    await this.says(words);
    const lines = await this.lines();
    const last = lines.findLastIndex(({ msg }) => msg === "preflight passed");
    const start = lines.slice(0, last).findLastIndex(({ msg }) => String(msg).startsWith("preflight failed"));
    return (lines.slice(start + 1, last) as unknown as CheckLine[]).filter(({ status }) => status === "warning");
  }

  /** Resolves when the worker has rejected the message of a run that is not in the database. */
  async rejects(runId: string): Promise<void> {
    await eventually(
      async () => {
        const rejected = (await this.lines()).filter(({ msg }) => String(msg).startsWith("there is no such run"));
        if (!rejected.some((line) => line["runId"] === runId)) throw new Error(`${this.name} took no message:\n${await this.text()}`);
      },
      ...PATIENCE,
    );
  }

  /** Resolves with the first matching line of its log after the given number of lines. */
  async says(words: RegExp, after = 0): Promise<string> {
    let found: string | undefined;
    await eventually(
      async () => {
        found = (await this.lines())
          .slice(after)
          .map(({ msg }) => String(msg))
          .find((msg) => words.test(msg));
        if (found === undefined) throw new Error(`${this.name} did not say ${String(words)}:\n${await this.text()}`);
      },
      ...PATIENCE,
    );
    return found!;
  }

  /** Number of lines in its log so far. */
  async lineCount(): Promise<number> {
    return (await this.lines()).length;
  }

  async phase(): Promise<string> {
    return output("docker", ["exec", this.name, "cat", "/run/fleet/phase"]);
  }

  async inspect(format: string): Promise<string> {
    return output("docker", ["inspect", "--format", format, this.name]);
  }

  async remove(): Promise<void> {
    await run("docker", ["rm", "--force", this.name]);
  }

  private async lines(): Promise<readonly Json[]> {
    const { stdout } = await run("docker", ["logs", this.name]);
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as Json);
  }

  private async text(): Promise<string> {
    const { stdout, stderr } = await run("docker", ["logs", "--tail", "120", this.name]);
    return stdout + stderr;
  }
}

/** The engine's client takes a health check as one line for a shell. */
function shellWords(argv: readonly string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
