import { format } from "node:util";
import { surviveClosedPipe } from "./closed-pipe";
import { paintFor } from "./colour";
import type { Paint } from "./colour";
import type { FleetEvent } from "./event";
import { CliExitCode } from "./exit-code";
import { OperatorError } from "./operator-error";

/** How a command speaks: lines for a person, or events for a program. */
export interface Output {
  /** Whether a program reads it. */
  readonly json: boolean;
  readonly paint: Paint;
  /** A part of the command begins. */
  section(title: string): void;
  /** A line for which there is no event of its own. */
  line(text: string): void;
  /** Something happened: a program gets the event, a person the lines. */
  event(event: FleetEvent, lines?: string | readonly string[]): void;
}

/** Lines for a person, sections apart by an empty line. */
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

/** One JSON object a line, each with the time at which it happened. */
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

/** How the command of this process speaks. */
export function output(): Output {
  return (current ??= new TextOutput());
}

/** What a command that changes something or takes its time is asked for. */
export interface NarrationOptions {
  /** Events instead of lines. */
  readonly json?: boolean | undefined;
  /** It goes on to its end although nobody reads what it says any more. @default false */
  readonly completes?: boolean;
}

/**
 * Carries out a command that tells what it does while it does it. With `json` everything it says is an event, the last one
 * `done` or `failed`; also what is written with console.log, which would break the lines of JSON.
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
