import { CliExitCode } from "./exit-code";

let survives = false;

/** From now on the program runs to its end even when nobody reads its output, because it is changing something. */
export function surviveClosedPipe(): void {
  survives = true;
}

/** Ends the program without a stack trace when the reader of its output closes the pipe, as `head` does. */
export function watchPipes(streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams)
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (!survives) process.exit(CliExitCode.CLOSED_PIPE);
    });
}
