import { spawnSync } from "node:child_process";

export interface Sample {
  /** Wall time in milliseconds. */
  readonly milliseconds: number;
  /** Largest resident set in MB, of the process itself. */
  readonly megabytes: number;
}

/** Runs a command once, without a shell. The command prints its own largest resident set (peak-memory.cjs). */
export function sample(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Sample {
  const [program, ...args] = command;
  const start = process.hrtime.bigint();
  const result = spawnSync(program!, args, { env: { ...process.env, ...environment }, encoding: "utf8", maxBuffer: 1 << 28 });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${command.join(" ")} ended with ${result.status}:\n${result.stdout}${result.stderr}`);
  const megabytes = Number(/^maxrss_kb=(\d+)$/m.exec(result.stderr)?.[1] ?? 0) / 1024;
  return { milliseconds, megabytes };
}

/**
 * Runs the commands alternately, so that noise of the machine affects all of them, and returns the median of each.
 *
 * @param rounds how often each command runs; one more round at the start fills the caches and does not count.
 */
export function compare<Name extends string>(commands: Readonly<Record<Name, () => Sample>>, rounds: number): Record<Name, Sample> {
  const names = Object.keys(commands) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const result = commands[name]();
      if (round > 0) samples[name].push(result);
    }
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      { milliseconds: median(samples[name].map((s) => s.milliseconds)), megabytes: median(samples[name].map((s) => s.megabytes)) },
    ]),
  ) as Record<Name, Sample>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Prints one line of a report: what, value, baseline, ratio, target. */
export function report(what: string, value: number, against: number, unit: string, target: string): void {
  console.log(
    `${what}: ${value.toFixed(0)} ${unit} against ${against.toFixed(0)} ${unit}, ratio ${(value / against).toFixed(2)} (target ${target})`,
  );
}
