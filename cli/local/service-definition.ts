import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Readiness } from "./readiness";

/** One process of the fleet, as it has to run. */
export interface ServiceDefinition {
  readonly name: string;
  readonly argv: readonly [program: string, ...args: string[]];
  /** Everything the process sees; secrets only as names of files. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files it reads when it starts: with another content the service is another one. */
  readonly files: readonly string[];
  /** Directories that are empty when it starts. */
  readonly scratch: readonly string[];
  readonly ready: Readiness;
  /** When a service that is not ready has failed, in milliseconds. */
  readonly startLimit: number;
}

/** The same for the same definition: another one means that the running process is out of date. */
export function fingerprint({ argv, environment, files }: ServiceDefinition): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([argv, Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))]));
  for (const file of files) hash.update(`\0${file}\0`).update(existsSync(file) ? readFileSync(file) : "");
  return hash.digest("hex");
}
