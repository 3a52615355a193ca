import { Duration } from "./duration";
import { literal } from "./interpolation";
import type { ContainerHealthcheck } from "./tf";

export interface HealthCheckOptions {
  /** Time between two probes, also before the first. @default 5 s */
  readonly interval?: Duration;
  /** When a probe counts as failed. @default 3 s */
  readonly timeout?: Duration;
  /** Failures in a row until the container is unhealthy. @default 3 */
  readonly retries?: number;
  /** Failures this early do not count. @default 30 s */
  readonly startPeriod?: Duration;
  /** Time between probes during the start period; needs Docker Engine 25. @default - the interval */
  readonly startInterval?: Duration;
}

/** How the engine finds out that a container works. Each probe is a process inside the container: keep it small. */
export class HealthCheck {
  /** A program and its arguments; healthy is exit code 0. */
  static command(argv: readonly string[], options: HealthCheckOptions = {}): HealthCheck {
    if (argv.length === 0) throw new Error("health check command must name a program, got an empty list");
    return new HealthCheck(["CMD", ...argv], options);
  }

  /** A line for the image's `/bin/sh`. */
  static shell(script: string, options: HealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(["CMD-SHELL", script], options);
  }

  /** Something accepts connections on a port. Needs bash in the image; costs 1 to 2 ms a probe. */
  static tcp(port: number, options: HealthCheckOptions = {}): HealthCheck {
    return HealthCheck.command(["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${checkedPort(port)}`], options);
  }

  /** GET answers 200. Needs bash in the image, no HTTP client. */
  static http(port: number, path: string, options: HealthCheckOptions = {}): HealthCheck {
    if (!/^\/[\w\-./]*$/.test(path))
      throw new Error(`health check path must be an absolute path of letters, digits, -, _, . and /, got "${path}"`);
    const script = [
      `exec 3<>/dev/tcp/127.0.0.1/${checkedPort(port)}`,
      `printf 'GET ${path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3`,
      "read -r _ status _ <&3",
      '[ "$status" = 200 ]',
    ].join(" && ");
    return HealthCheck.command(["bash", "-c", script], options);
  }

  /** A file was touched lately. Read by the shell alone: about 2 ms a probe. */
  static heartbeat(file: string, maximumAge: Duration, options: HealthCheckOptions = {}): HealthCheck {
    if (!/^\/[\w\-./]+$/.test(file)) throw new Error(`heartbeat file must be an absolute path without blanks, got "${file}"`);
    return HealthCheck.shell(`test $(($(date +%s) - $(stat -c %Y ${file}))) -le ${maximumAge.toSeconds()}`, options);
  }

  readonly interval: Duration;
  readonly timeout: Duration;
  readonly retries: number;
  readonly startPeriod: Duration;
  readonly startInterval: Duration | undefined;

  private constructor(
    readonly test: readonly string[],
    options: HealthCheckOptions,
  ) {
    this.interval = options.interval ?? Duration.seconds(5);
    this.timeout = options.timeout ?? Duration.seconds(3);
    this.retries = options.retries ?? 3;
    this.startPeriod = options.startPeriod ?? Duration.seconds(30);
    this.startInterval = options.startInterval;
    if (!Number.isInteger(this.retries) || this.retries < 1) {
      throw new Error(`health check retries must be a whole number from 1, got ${this.retries}`);
    }
    if (this.interval.toMilliseconds() === 0 || this.timeout.toMilliseconds() === 0) {
      throw new Error("health check interval and timeout must be longer than 0: the engine takes 0 for its own default");
    }
  }

  /** When a container that is still not healthy has failed: its start period, its retries and 30 s for a slow machine. */
  get waitTimeout(): Duration {
    return this.startPeriod.plus(this.interval.plus(this.timeout).times(this.retries)).plus(Duration.seconds(30));
  }

  /** @internal */
  _toTerraform(): ContainerHealthcheck {
    return {
      test: this.test.map(literal),
      interval: this.interval.toString(),
      timeout: this.timeout.toString(),
      retries: this.retries,
      startPeriod: this.startPeriod.toString(),
      ...(this.startInterval === undefined ? {} : { startInterval: this.startInterval.toString() }),
    };
  }
}

function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`port must be a whole number from 1 to 65535, got ${port}`);
  return port;
}
