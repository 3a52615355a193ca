import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StateFile } from "../contract";
import type { CodexWorkerStartupProfile, WorkerPhase } from "../contract";

/** In milliseconds. A consuming Celery process touches its file every two seconds; an older file means it does not consume. */
const FRESH = 10_000;

/** The files in FLEET_STATE_DIRECTORY with which a running worker shows its state. */
export class StateDirectory {
  private readonly consumers: string;

  /** @throws the file system's error when the directory cannot be written. */
  constructor(private readonly directory: string) {
    this.consumers = join(directory, StateFile.consumers);
    mkdirSync(this.consumers, { recursive: true });
    // Files of an earlier process of this worker would be taken for signs of life of this one.
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

  /** Whether the Celery process of a queue has touched its file within `FRESH`. */
  isConsumed(queue: string): boolean {
    const found = statSync(join(this.consumers, queue), { throwIfNoEntry: false });
    return found !== undefined && Date.now() - found.mtimeMs < FRESH;
  }

  /** Writes by rename, so that readers never see half a file. */
  private replace(name: string, text: string): void {
    const temporary = join(this.directory, `.${name}.tmp`);
    writeFileSync(temporary, text);
    renameSync(temporary, join(this.directory, name));
  }
}
