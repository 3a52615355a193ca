import { Duration } from "./duration";
import { literal } from "./interpolation";
import type { ContainerHealthcheck } from "./tf";

export interface HealthCheckOptions {
  /** Time between two checks of a container that was healthy. @default 3 s */
  readonly interval?: Duration;
  /** A check that takes longer has failed. @default 3 s */
  readonly timeout?: Duration;
  /** Failures in a row until the container is unhealthy; after the first, each takes up to 6 s. @default 3 */
  readonly retries?: number;
  /** Failures within this time after the start do not count. @default 30 s */
  readonly startPeriod?: Duration;
}

/**
 * How the engine checks that a container works.
 *
 * Every probe of the engine starts a program in the container, which costs about 45 ms of CPU whatever it runs
 * (`docker exec` on engines 20.10 and 26.1); a check itself costs 3 to 8 ms. So one probe checks many times: while the
 * container is not healthy it checks every 0.5 s and ends at the first success, afterwards it checks every 3 s for a
 * minute and ends at the first failure. The engine notices a healthy container within 0.5 s (at the earliest 1.1 s after
 * its start) and a failing one within 3 s. The seven containers of the demo need 2.1 % of one core for this; a plain probe
 * every 5 s needed 6.8 %.
 *
 * The image needs `sh`, `rm`, `touch`, `sleep` and `timeout`, as Debian and Alpine have them.
 */
export class HealthCheck {
  /** Runs a program with arguments; exit code 0 means healthy. */
  static command(argv: readonly string[], options: HealthCheckOptions = {}): HealthCheck {
    if (argv.length === 0) throw new Error("health check command must name a program, got an empty list");
    return new HealthCheck(argv, options);
  }

  /** Runs a line in the image's `/bin/sh`. */
  static shell(script: string, options: HealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(["sh", "-c", script], options);
  }

  /** Connects to a port. Needs bash in the image. */
  static tcp(port: number, options: HealthCheckOptions = {}): HealthCheck {
    return HealthCheck.command(["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${checkedPort(port)}`], options);
  }

  /** Expects status 200 for a GET. Needs bash in the image, no HTTP client. */
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

  /** Checks that a file was touched recently. */
  static heartbeat(file: string, maximumAge: Duration, options: HealthCheckOptions = {}): HealthCheck {
    if (!/^\/[\w\-./]+$/.test(file)) throw new Error(`heartbeat file must be an absolute path without blanks, got "${file}"`);
    return HealthCheck.shell(`test $(($(date +%s) - $(stat -c %Y ${file}))) -le ${maximumAge.toSeconds()}`, options);
  }

  readonly interval: Duration;
  readonly timeout: Duration;
  readonly retries: number;
  readonly startPeriod: Duration;

  private constructor(
    /** Program and arguments of one check. */
    readonly check: readonly string[],
    options: HealthCheckOptions,
  ) {
    this.interval = options.interval ?? Duration.seconds(3);
    this.timeout = options.timeout ?? Duration.seconds(3);
    this.retries = options.retries ?? 3;
    this.startPeriod = options.startPeriod ?? Duration.seconds(30);
    if (!Number.isInteger(this.retries) || this.retries < 1) {
      throw new Error(`health check retries must be a whole number from 1, got ${this.retries}`);
    }
    if (this.interval.toMilliseconds() === 0 || this.timeout.toMilliseconds() === 0) {
      throw new Error("health check interval and timeout must be longer than 0");
    }
  }

  /** How long to wait until a container is healthy: its start period, its retries, and 30 s for a slow machine. */
  get waitTimeout(): Duration {
    const failure = BETWEEN_PROBES.plus(BEFORE_HEALTHY.pause.times(BEFORE_HEALTHY.checks)).plus(this.timeout);
    return this.startPeriod.plus(failure.times(this.retries)).plus(Duration.seconds(30));
  }

  /** @internal */
  _toTerraform(): ContainerHealthcheck {
    const checks = Math.max(1, Math.round(WATCH.toMilliseconds() / this.interval.toMilliseconds()));
    return {
      test: ["CMD", "sh", "-c", this.script(checks), "probe", ...this.check].map(literal),
      interval: BETWEEN_PROBES.toString(),
      // The probe ends by itself; the engine ends one that is stuck.
      timeout: this.interval.plus(this.timeout).times(checks).plus(Duration.seconds(10)).toString(),
      retries: this.retries,
      startPeriod: this.startPeriod.toString(),
    };
  }

  /**
   * A file (MARK) exists when the last probe succeeded. It does not survive a restart of the container, because it is in
   * /dev/shm, and the probe removes it while it runs, so that a killed probe counts as failed.
   */
  private script(checks: number): string {
    const [interval, timeout, pause] = [this.interval, this.timeout, BEFORE_HEALTHY.pause].map((each) => each.toMilliseconds() / 1_000);
    return `check() {
  timeout -k 1 ${timeout} "$@" && return
  case $? in 124 | 137 | 143) echo "no answer within ${timeout} s" >&2; exit 1; esac
  return 1
}
i=0
if rm ${MARK} 2>/dev/null; then
  while [ $((i += 1)) -le ${checks} ]; do check "$@" || exit 1; sleep ${interval}; done
else
  until check "$@"; do [ $((i += 1)) -lt ${BEFORE_HEALTHY.checks} ] || exit 1; sleep ${pause}; done
fi
touch ${MARK}`;
  }
}

/** /dev/shm is separate in every container, and writable even when the root is read-only. */
const MARK = "/dev/shm/healthy";

/** How long a probe watches a healthy container. */
const WATCH = Duration.minutes(1);

/** A probe waits 5 s for a container that is not healthy; then it fails and the engine starts the next probe. */
const BEFORE_HEALTHY = { pause: Duration.milliseconds(500), checks: 10 } as const;

/** Also the time before the first probe. Engines from 25 on have a start interval; older ones refuse it. */
const BETWEEN_PROBES = Duration.seconds(1);

function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`port must be a whole number from 1 to 65535, got ${port}`);
  return port;
}
