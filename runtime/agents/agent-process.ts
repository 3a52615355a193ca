import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { openBoundedLog } from "./bounded-log";
import { ProcessTree, sendSignal } from "./process-tree";

/** Time between SIGINT and killing the agent's process tree, however far the hard limit is. @default 30 s */
const STOP_PATIENCE = 30_000;

/** How much of the end of stderr is kept for the reason of a failure, in characters. */
const MESSAGES_TAIL = 4_096;

/** Interval between two looks at the agent's process tree. @default 500 ms */
const LOOK_EVERY = 500;

export interface AgentProcessRequest {
  readonly command: readonly [string, ...string[]];
  /** Written to stdin, which is then closed. */
  readonly input: string;
  readonly workTree: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute paths of the files to which stdout and stderr are written. */
  readonly outputLog: string;
  readonly messageLog: string;
  readonly softLimit: number;
  readonly hardLimit: number;
  readonly signal: AbortSignal;
  /** Called with every complete line of stdout. */
  readonly onLine: (line: string) => void;
}

/** How a process ended: by itself, at a time limit, or because its stage lost the lease. */
export interface AgentProcessEnd {
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
  readonly stopped: "soft_limit" | "hard_limit" | "aborted" | null;
  /** The end of stderr. */
  readonly messages: string;
}

/**
 * Runs an agent's tool to its end. When the promise resolves, every process the tool started is dead.
 *
 * @throws when the command cannot be started.
 */
export async function runAgentProcess(request: AgentProcessRequest): Promise<AgentProcessEnd> {
  const output = openBoundedLog(request.outputLog);
  const messages = openBoundedLog(request.messageLog);
  const [file, ...argv] = request.command;
  const child = spawn(file, argv, { cwd: request.workTree, env: request.environment, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve([code, signal]));
  });
  const tree = new ProcessTree(child.pid ?? -1);
  let stopped: AgentProcessEnd["stopped"] = null;
  const killAll = (why: NonNullable<AgentProcessEnd["stopped"]>) => {
    stopped = stopped === "soft_limit" && why === "hard_limit" ? stopped : why;
    tree.record();
    if (child.exitCode === null && child.pid !== undefined) sendSignal(child.pid, "SIGKILL");
    tree.kill();
  };
  const patience = Math.min(STOP_PATIENCE, Math.max(0, request.hardLimit - request.softLimit));
  const timers = [
    setInterval(() => tree.record(), LOOK_EVERY),
    setTimeout(() => {
      stopped = "soft_limit";
      tree.record();
      // SIGINT is the only signal on which the agent itself ends its running command.
      if (child.pid !== undefined) sendSignal(child.pid, "SIGINT");
      timers.push(setTimeout(() => killAll("soft_limit"), patience));
    }, request.softLimit),
    setTimeout(() => killAll("hard_limit"), request.hardLimit),
  ];
  const abort = () => killAll("aborted");
  request.signal.addEventListener("abort", abort);
  if (request.signal.aborted) abort();

  let tail = "";
  const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
  lines.on("line", (line) => {
    output.write(`${line}\n`);
    tree.record(LOOK_EVERY);
    request.onLine(line);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    messages.write(text);
    tail = (tail + text).slice(-MESSAGES_TAIL);
  });
  // When an agent ends before it has read its prompt, its exit code tells why; ignore the failed write.
  child.stdin.on("error", () => undefined).end(request.input);

  try {
    const closed = [once(lines, "close"), once(child.stderr, "close")];
    const [exitCode, exitSignal] = await ended;
    // Processes the agent left running may hold its pipes open forever.
    tree.kill();
    await Promise.race([Promise.all(closed), delay(1_000, timers)]);
    return { exitCode, exitSignal, stopped, messages: tail };
  } finally {
    request.signal.removeEventListener("abort", abort);
    for (const timer of timers) clearTimeout(timer);
    child.stdout.destroy();
    child.stderr.destroy();
    output.close();
    messages.close();
  }
}

function once(emitter: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => emitter.once(event, () => resolve()));
}

function delay(milliseconds: number, timers: NodeJS.Timeout[]): Promise<void> {
  return new Promise((resolve) => timers.push(setTimeout(resolve, milliseconds)));
}
