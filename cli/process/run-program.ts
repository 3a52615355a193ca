import { execFile } from "node:child_process";

/** Result of a program, for any exit code. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: Buffer;
  /** The program's stderr; when it could not be started or was killed at the timeout, the reason. */
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly input?: Buffer;
  /** Milliseconds. @default - none */
  readonly timeout?: number;
}

/** Runs a program to its end. */
export function runCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { cwd, environment, input, timeout = 0 } = options;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        ...(cwd === undefined ? {} : { cwd }),
        env: { ...process.env, ...environment },
        encoding: "buffer",
        timeout,
        maxBuffer: 256 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const text = stderr.toString("utf8").trim();
        const why = error?.killed ? `no answer within ${timeout / 1000} s` : text || (error?.message ?? "");
        resolve({ ok: error === null, stdout, stderr: error === null ? text : why });
      },
    );
    // Ignore the error when a program ends without reading its input; its exit code decides.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
