import { format } from "node:util";
import { surviveClosedPipe } from "./closed-pipe";
import { paintFor } from "./colour";
import type { Paint } from "./colour";
import type { FleetEvent } from "./event";
import { CliExitCode } from "./exit-code";
import { OperatorError } from "./operator-error";

/** The output of a command: lines for a person, or events for a program. */
export interface Output {
  /** Whether the output is JSON for a program. */
  readonly json: boolean;
  readonly paint: Paint;
  /** Begins a part of the command. */
  section(title: string): void;
  /** Writes a line that has no event of its own. */
  line(text: string): void;
  /** Reports an event: a program gets the event, a person the lines. */
  event(event: FleetEvent, lines?: string | readonly string[]): void;
}

/** Lines for a person, with an empty line between sections. */
export class TextOutput implements Output {
  readonly json = false;
  readonly paint: Paint;
  private begun = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stdout) {
    this.paint = paintFor(stream);
  }

  section(title: string): void {
    this.line(this.begun ? `\n${title}` : title);
  }

  line(text: string): void {
    this.begun = true;
    this.stream.write(`${text}\n`);
  }

  event(_event: FleetEvent, lines: string | readonly string[] = []): void {
    for (const line of typeof lines === "string" ? [lines] : lines) this.line(line);
  }
}

/** One JSON object per line, each with its time. */
export class JsonOutput implements Output {
  readonly json = true;
  readonly paint = paintFor({ isTTY: false }, {});

  constructor(
    private readonly stream: Pick<NodeJS.WritableStream, "write"> = process.stdout,
    private readonly now: () => Date = () => new Date(),
  ) {}

  section(title: string): void {
    this.event({ event: "phase", phase: title.toLowerCase() });
  }

  line(text: string): void {
    for (const each of text.split("\n")) if (each.trim() !== "") this.event({ event: "message", text: each });
  }

  event({ event, ...fields }: FleetEvent): void {
    this.stream.write(`${JSON.stringify({ time: this.now().toISOString(), event, ...fields })}\n`);
  }
}

let current: Output | undefined;

/** The output of this process's command. */
export function output(): Output {
  return (current ??= new TextOutput());
}

/** Options of a command that reports while it works. */
export interface NarrationOptions {
  /** Events instead of lines. */
  readonly json?: boolean | undefined;
  /** Whether the command runs to its end when nobody reads its output any more. @default false */
  readonly completes?: boolean;
}

/**
 * Runs a command that reports while it works. With `json` all output becomes events, the last one `done` or `failed`; also
 * the output of console.log, which would otherwise mix with the JSON lines.
 */
export async function narrate(options: NarrationOptions, work: () => Promise<void>): Promise<void> {
  if (options.completes === true) surviveClosedPipe();
  if (options.json !== true) return work();
  const started = Date.now();
  const json = new JsonOutput();
  const { log } = console;
  current = json;
  console.log = (...values: unknown[]) => json.line(format(...values));
  try {
    await work();
    json.event({ event: "done", code: Number(process.exitCode ?? CliExitCode.OK), seconds: (Date.now() - started) / 1000 });
  } catch (error) {
    const known = error instanceof OperatorError;
    json.event({ event: "failed", code: known ? error.exitCode : CliExitCode.SOFTWARE, message: String(known ? error.message : error) });
    throw error;
  } finally {
    console.log = log;
    current = undefined;
  }
}
