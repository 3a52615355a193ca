import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalInstance } from "./instance";
import { isAlive, parseIdentity, RECORD_AND_EXEC } from "./process-identity";
import type { ProcessIdentity } from "./process-identity";
import { fingerprint } from "./service-definition";
import type { ServiceDefinition } from "./service-definition";
import { lastLines, logSize, openServiceLog } from "./service-log";
import { endMarkedProcesses, markedProcesses, serviceMark, signal } from "./service-mark";

/** How long what a dead service left behind may take to end, in milliseconds. */
const LEFTOVER_LIMIT = 10_000;
const POLL = 100;

/** A service that was just started. */
export interface StartedService {
  /** Its exit code, 128 and the signal's number for a death by signal. */
  readonly ended: Promise<number>;
  /** The last lines it wrote since. */
  lastLines(count: number): string[];
}

/**
 * One service of an instance: a process in a session of its own, which goes on when this program ends. Who it is stands in
 * a file, with the moment of its start, so that nobody else is ever taken for it.
 */
export class LocalService {
  readonly directory: string;
  readonly log: string;
  private readonly identityFile: string;
  private readonly definitionFile: string;

  constructor(
    private readonly instance: LocalInstance,
    readonly name: string,
  ) {
    this.directory = instance.at("services", name);
    this.identityFile = path.join(this.directory, "process");
    this.definitionFile = path.join(this.directory, "definition");
    this.log = instance.at("logs", `${name}.log`);
  }

  /** The running process; undefined when there is none. */
  running(): ProcessIdentity | undefined {
    const identity = existsSync(this.identityFile) ? parseIdentity(readFileSync(this.identityFile, "utf8")) : undefined;
    return identity !== undefined && isAlive(identity) ? identity : undefined;
  }

  /** When its process was started. */
  since(): Date | undefined {
    return statSync(this.identityFile, { throwIfNoEntry: false })?.mtime;
  }

  /** Whether it runs as it has to. */
  isCurrent(definition: ServiceDefinition): boolean {
    return (
      this.running() !== undefined &&
      existsSync(this.definitionFile) &&
      readFileSync(this.definitionFile, "utf8") === fingerprint(definition)
    );
  }

  async start(definition: ServiceDefinition): Promise<StartedService> {
    await endMarkedProcesses(this.instance, this.name, LEFTOVER_LIMIT);
    for (const directory of definition.scratch) rmSync(directory, { recursive: true, force: true });
    for (const directory of [this.directory, path.dirname(this.log), ...definition.scratch])
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    rmSync(this.identityFile, { force: true });
    writeFileSync(this.definitionFile, fingerprint(definition), { mode: 0o600 });
    const descriptor = openServiceLog(this.log);
    const offset = logSize(this.log);
    const child = spawn("/bin/sh", ["-c", RECORD_AND_EXEC, this.identityFile, ...definition.argv], {
      cwd: this.directory,
      env: { ...definition.environment, ...serviceMark(this.instance, this.name) },
      stdio: ["ignore", descriptor, descriptor],
      detached: true,
    });
    closeSync(descriptor);
    const ended = new Promise<number>((resolve, reject) => {
      child.once("error", reject).once("exit", (code, name) => resolve(code ?? 128 + constants.signals[name!]));
    });
    child.unref();
    return { ended, lastLines: (count) => lastLines(this.log, offset, count) };
  }

  /**
   * Tells it to stop and waits for its end; after the limit it is killed. What it left behind ends with it.
   *
   * @param limit in milliseconds.
   */
  async stop(how: NodeJS.Signals, limit: number): Promise<void> {
    const deadline = Date.now() + limit;
    const identity = this.running();
    if (identity !== undefined) {
      signal(identity.pid, how);
      while (isAlive(identity) && Date.now() < deadline) await sleep(POLL);
      if (isAlive(identity)) for (const pid of [identity.pid, ...markedProcesses(this.instance, this.name)]) signal(pid, "SIGKILL");
      while (isAlive(identity)) await sleep(POLL);
    }
    await endMarkedProcesses(this.instance, this.name, Math.max(deadline - Date.now(), LEFTOVER_LIMIT));
    rmSync(this.identityFile, { force: true });
  }
}
