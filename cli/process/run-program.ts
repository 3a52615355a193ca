import { execFile } from "node:child_process";

/** How a program ended, whatever its exit code. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: Buffer;
  /** What it wrote to stderr; when it could not be started or was cut off, why. */
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Over this process's own environment; undefined takes a variable away. */
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
    // A program that ends without reading its input is judged by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
