import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";

const SUFFIX = ".build.log";

/** Maximum length of a shown line: a build step may be a script of many hundred characters. */
const WIDTH = 160;

/** A line of an image's build. */
export interface BuildLine {
  readonly image: string;
  readonly text: string;
}

/** Reads the complete lines that image builds have added to their logs in a directory since the last read. */
export class BuildLogs {
  private readonly tails = new Map<string, Tail>();

  /** Starts at the end of the existing logs, which belong to earlier builds. */
  constructor(private readonly directory: string) {
    for (const file of this.files()) this.tails.set(file, new Tail(statSync(file).size));
  }

  /** New lines, each with the name of its image. */
  read(): BuildLine[] {
    return this.files().flatMap((file) => {
      const tail = this.tails.get(file) ?? new Tail(0);
      this.tails.set(file, tail);
      const image = path.basename(file, SUFFIX).replace(/-image$/, "");
      return tail.lines(file).map((line) => ({ image, text: line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line }));
    });
  }

  private files(): string[] {
    if (!existsSync(this.directory)) return [];
    return readdirSync(this.directory)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => path.join(this.directory, name));
  }
}

class Tail {
  private decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private offset: number) {}

  lines(file: string): string[] {
    const { size } = statSync(file);
    // A file that is smaller than before is a new log: a build overwrites its log.
    if (size < this.offset) this.offset = 0;
    const added = Buffer.alloc(size - this.offset);
    const descriptor = openSync(file, "r");
    this.offset += readSync(descriptor, added, 0, added.length, this.offset);
    closeSync(descriptor);
    const parts = (this.rest + this.decoder.write(added)).split(/\r?\n/);
    this.rest = parts.pop() ?? "";
    return parts.filter((line) => line.trim() !== "");
  }
}
