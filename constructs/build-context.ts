import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import dockerignore from "@balena/dockerignore";

/** One file of a build context. */
export interface ContextFile {
  readonly content: Buffer;
  readonly executable: boolean;
}

/** The files sent to a build, by relative path. The fingerprint covers only these files. */
export class BuildContext {
  private readonly files = new Map<string, ContextFile>();
  private readonly unhashed = new Map<string, string>();

  /**
   * Adds a directory, except for what its `.dockerignore` excludes.
   *
   * @param prefix Directory inside the context. @default - its root
   * @throws Error when the directory is missing or holds a link or a special file.
   */
  addDirectory(directory: string, prefix = ""): this {
    if (!existsSync(directory))
      throw new Error(`build context ${directory} does not exist; reinstall the package or build it with: npm run build`);
    const rules = path.join(directory, ".dockerignore");
    const ignored = dockerignore().add(existsSync(rules) ? readFileSync(rules, "utf8") : "");
    for (const relative of filesBelow(directory)) {
      if (relative === ".dockerignore" || ignored.ignores(relative)) continue;
      const file = path.join(directory, relative);
      this.files.set(path.posix.join(prefix, relative), { content: readFileSync(file), executable: (lstatSync(file).mode & 0o100) !== 0 });
    }
    return this;
  }

  /** Adds a file with the given text. */
  addText(relative: string, text: string): this {
    this.files.set(relative, { content: Buffer.from(text), executable: false });
    return this;
  }

  /**
   * Text of a file.
   *
   * @throws Error when the context has no such file.
   */
  text(relative: string): string {
    const file = this.files.get(relative);
    if (file === undefined) throw new Error(`the build context has no file ${relative}: add it or build from the package's own context`);
    return file.content.toString("utf8");
  }

  /** A context with some of the files, so that a file a target does not use does not change its image. */
  only(keep: (relative: string) => boolean): BuildContext {
    const part = new BuildContext();
    for (const [relative, file] of this.files) if (keep(relative)) part.files.set(relative, file);
    for (const [relative, file] of this.unhashed) part.unhashed.set(relative, file);
    return part;
  }

  /** Adds a file of this machine that the build needs and the image does not contain; the fingerprint ignores it. */
  addUnhashed(relative: string, file: string): this {
    if (!existsSync(file)) throw new Error(`${file} does not exist; correct the path of build.ca_bundle`);
    this.unhashed.set(relative, file);
    return this;
  }

  /** sha256 of sorted paths, executable bits, lengths and contents; the same on every machine. */
  fingerprint(): string {
    const hash = createHash("sha256");
    for (const [relative, { content, executable }] of [...this.files].sort(([left], [right]) => (left < right ? -1 : 1))) {
      hash.update(`${Buffer.byteLength(relative)}:${relative}:${executable ? "x" : "-"}:${content.length}:`).update(content);
    }
    return hash.digest("hex");
  }

  /** Writes the context to a temporary directory, which is removed when this process exits. */
  stage(): string {
    const directory = mkdtempSync(path.join(tmpdir(), "codex-fleet-context-"));
    removeAtExit(directory);
    for (const [relative, { content, executable }] of this.files) {
      const target = path.join(directory, relative);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, content);
      chmodSync(target, executable ? 0o755 : 0o644);
    }
    for (const [relative, file] of this.unhashed) copyFileSync(file, path.join(directory, relative));
    return directory;
  }
}

const staged: string[] = [];

function removeAtExit(directory: string): void {
  if (staged.length === 0) process.once("exit", () => staged.forEach((each) => rmSync(each, { recursive: true, force: true })));
  staged.push(directory);
}

function filesBelow(directory: string, prefix = ""): string[] {
  return readdirSync(path.join(directory, prefix), { withFileTypes: true })
    .flatMap((entry) => {
      const relative = path.posix.join(prefix, entry.name);
      if (entry.isDirectory()) return filesBelow(directory, relative);
      if (!entry.isFile())
        throw new Error(`build context ${directory} must hold files and directories only, got a link or special file: ${relative}`);
      return [relative];
    })
    .sort();
}
