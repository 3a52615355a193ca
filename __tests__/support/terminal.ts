import { spawn } from "node:child_process";

/** The output of a program on a terminal, and its exit code. */
export interface TerminalSession {
  readonly code: number;
  /** The output, with the terminal's line ends (`\r\n`) replaced by `\n`. */
  readonly shown: string;
}

/** What to type once a text has appeared on the terminal. */
export interface Reaction {
  readonly at: RegExp;
  readonly type: string;
}

export const CTRL_C = "\u0003";
export const CTRL_D = "\u0004";
export const TAB = "\t";

/** Runs a program on a new terminal and types each input when the expected text has appeared. */
export function onTerminal(
  command: string,
  reactions: readonly Reaction[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<TerminalSession> {
  // util-linux's `script` gives the program a terminal and passes its stdin on as typed input.
  const child = spawn("script", ["--quiet", "--return", "--echo", "never", "--command", command, "/dev/null"], {
    cwd: options.cwd,
    env: { ...process.env, TERM: "xterm", ...options.env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const left = [...reactions];
  let shown = "";
  let read = 0;
  return new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      shown += chunk.toString("utf8");
      for (let next = left[0]; next !== undefined && next.at.test(shown.slice(read)); next = left[0]) {
        read = shown.length;
        left.shift();
        child.stdin.write(next.type);
      }
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, shown: shown.replaceAll("\r\n", "\n") }));
  });
}
