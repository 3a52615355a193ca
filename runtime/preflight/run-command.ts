import { execFile } from "node:child_process";

export interface CommandResult {
  /** Exit code, or why there is none: file missing, time limit, signal. */
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** In milliseconds; as long as the default FLEET_WAIT_TIMEOUT, because a busy machine is slow. */
const TIME_LIMIT = 120_000;

/** Runs a tool without stdin and kills it at the time limit. Never throws. */
export function runCommand(
  file: string,
  argv: readonly string[],
  options: { readonly environment: Readonly<Record<string, string | undefined>>; readonly directory?: string },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const settings = {
      env: { ...options.environment },
      timeout: TIME_LIMIT,
      killSignal: "SIGKILL" as const,
      maxBuffer: 16 << 20,
      ...(options.directory === undefined ? {} : { cwd: options.directory }),
    };
    const child = execFile(file, [...argv], settings, (error, stdout, stderr) => {
      if (error === null) resolve({ exit: 0, stdout, stderr });
      else if (error.killed === true) resolve({ exit: `no answer within ${TIME_LIMIT / 1000} s`, stdout, stderr });
      else resolve({ exit: error.code ?? `signal ${String(error.signal)}`, stdout, stderr });
    });
    child.stdin?.end();
  });
}
