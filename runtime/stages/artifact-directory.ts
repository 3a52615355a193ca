import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import type { ArtifactType, Stage } from "../contract";
import type { NewArtifact } from "../store";

/** A file that a stage produces, with its type. */
export type ArtifactFile = NewArtifact;

/** The directory with the files of one attempt of a stage: `<artifactsPath>/<stage>-<attempt>/`. */
export class ArtifactDirectory {
  readonly path: string;

  constructor(
    private readonly root: string,
    stage: Stage,
    attempt: number,
  ) {
    this.path = join(root, `${stage}-${attempt}`);
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true });
  }

  /** Writes a file by rename, so that a reader never sees half of it. */
  async write(type: ArtifactType, name: string, content: string | Uint8Array): Promise<ArtifactFile> {
    const file = join(this.path, name);
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
    return this.describe(type, file);
  }

  async writeJson(type: ArtifactType, name: string, value: unknown): Promise<ArtifactFile> {
    return this.write(type, name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Describes an existing file below the run's artifacts. */
  async describe(type: ArtifactType, file: string): Promise<ArtifactFile> {
    const path = relative(this.root, file);
    if (path.startsWith("..") || isAbsolute(path)) throw new Error(`artifact ${file} is not below ${this.root}`);
    return {
      artifactType: type,
      path,
      contentType: CONTENT_TYPES[file.slice(file.lastIndexOf("."))] ?? "text/plain",
      sizeBytes: (await stat(file)).size,
      digest: await sha256OfFile(file),
    };
  }
}

/** `sha256:` and 64 hex digits. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest("hex")}`;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".jsonl": "application/jsonl",
  ".patch": "text/x-diff",
};
