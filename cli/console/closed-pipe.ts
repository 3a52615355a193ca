import { CliExitCode } from "./exit-code";

let survives = false;

/** From now on the program goes on to its end although nobody reads what it says: it is in the middle of a change. */
export function surviveClosedPipe(): void {
  survives = true;
}

/** Ends the program as a signal would when the reader of its output has gone, as `head` does: nobody is shown a stack. */
export function watchPipes(streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams)
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (!survives) process.exit(CliExitCode.CLOSED_PIPE);
    });
}
