import { spawnSync } from "node:child_process";

export interface Sample {
  /** Wall time in milliseconds. */
  readonly milliseconds: number;
  /** Largest resident set in MB of the process itself; 0 when it was not run with `peak-memory.cjs`. */
  readonly megabytes: number;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Runs a command once.
 *
 * @throws Error with what it said when it fails.
 */
export function sample([program, ...args]: readonly string[], { cwd, environment }: RunOptions = {}): Sample {
  const began = process.hrtime.bigint();
  const result = spawnSync(program!, args, { cwd, env: { ...process.env, ...environment }, encoding: "utf8", maxBuffer: 1 << 28 });
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) {
    const said = `${result.stdout}${result.stderr}`.trim().split("\n").slice(-12).join("\n");
    throw new Error(`${[program, ...args].join(" ")} ended with ${result.status ?? result.signal}: ${said}`);
  }
  const megabytes = Number(/^maxrss_kb=(\d+)$/m.exec(result.stderr)?.[1] ?? 0) / 1024;
  return { milliseconds, megabytes };
}

/** What is measured, and what it is measured against. */
export interface Pair<Value> {
  readonly ours: Value;
  readonly peer: Value;
}

/**
 * Runs both alternately, so that noise of the machine meets both, and returns the median of each.
 *
 * @param rounds how often each runs.
 * @param warmUp whether each runs once more at the start, which fills caches and does not count. @default true
 */
export async function alternate(
  { ours, peer }: Pair<() => number | Promise<number>>,
  rounds: number,
  warmUp = true,
): Promise<Pair<number>> {
  const samples = { ours: [] as number[], peer: [] as number[] };
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    const [first, second] = [await ours(), await peer()];
    if (round === 0) continue;
    samples.ours.push(first);
    samples.peer.push(second);
  }
  return { ours: median(samples.ours), peer: median(samples.peer) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
