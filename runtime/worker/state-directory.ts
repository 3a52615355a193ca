import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StateFile } from "../contract";
import type { CodexWorkerStartupProfile, WorkerPhase } from "../contract";

/** A Celery process touches its file every two seconds; older than this, it no longer consumes. In milliseconds. */
const FRESH = 10_000;

/** The files a running worker shows itself with, below FLEET_STATE_DIRECTORY. */
export class StateDirectory {
  private readonly consumers: string;

  /** @throws the file system's error when the directory cannot be written. */
  constructor(private readonly directory: string) {
    this.consumers = join(directory, StateFile.consumers);
    mkdirSync(this.consumers, { recursive: true });
    // What an earlier life left behind proves nothing about this one.
    for (const name of readdirSync(this.consumers)) rmSync(join(this.consumers, name), { force: true });
    for (const name of [StateFile.heartbeat, StateFile.profile]) rmSync(join(directory, name), { force: true });
    this.writePhase("starting");
  }

  writePhase(phase: WorkerPhase): void {
    this.replace(StateFile.phase, `${phase}\n`);
  }

  writeProfile(profile: CodexWorkerStartupProfile): void {
    this.replace(StateFile.profile, `${JSON.stringify(profile, null, 2)}\n`);
  }

  beat(): void {
    const file = join(this.directory, StateFile.heartbeat);
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      writeFileSync(file, "");
    }
  }

  /** Whether the Celery process of a queue has lately shown that it consumes. */
  isConsumed(queue: string): boolean {
    const found = statSync(join(this.consumers, queue), { throwIfNoEntry: false });
    return found !== undefined && Date.now() - found.mtimeMs < FRESH;
  }

  /** Readers never see half a file. */
  private replace(name: string, text: string): void {
    const temporary = join(this.directory, `.${name}.tmp`);
    writeFileSync(temporary, text);
    renameSync(temporary, join(this.directory, name));
  }
}
