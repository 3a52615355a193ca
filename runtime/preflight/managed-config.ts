import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { decodeCodexConfig, formatRefusal, mergeCodexConfig } from "../contract";
import type { ChangedSetting, CodexConfigRefusal } from "../contract";
import { withFileLock } from "./file-lock";

/** What `manageConfig` did with CODEX_HOME/config.toml. */
export type ManagedConfigResult =
  | { readonly kind: "kept" }
  | { readonly kind: "seeded" }
  | { readonly kind: "merged"; readonly changed: readonly ChangedSetting[] }
  | { readonly kind: "refused"; readonly refusal: CodexConfigRefusal };

/**
 * Writes the managed settings to CODEX_HOME/config.toml: merges them into the existing file, or creates it from the
 * template. Works under a lock, by temporary file and rename; a refused file stays untouched.
 *
 * @throws the file system's error when the directory cannot be written.
 */
export async function manageConfig(codexHome: string, templatePath: string): Promise<ManagedConfigResult> {
  await mkdir(codexHome, { recursive: true, mode: 0o700 });
  const file = join(codexHome, "config.toml");
  return withFileLock(join(codexHome, ".config.toml.lock"), async () => {
    const found = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    const decoded = decodeCodexConfig(found ?? (await readFile(templatePath)));
    if (!decoded.ok) return { kind: "refused", refusal: decoded.refusal };
    const merge = mergeCodexConfig(decoded.text);
    if (!merge.ok) return { kind: "refused", refusal: merge.refusal };
    if (found !== undefined && merge.changed.length === 0) return { kind: "kept" };
    await replaceFile(file, merge.text);
    return found === undefined ? { kind: "seeded" } : { kind: "merged", changed: merge.changed };
  });
}

/** The message about a refused file. */
export function refusalText(codexHome: string, refusal: CodexConfigRefusal): string {
  return formatRefusal(join(codexHome, "config.toml"), refusal);
}

async function replaceFile(file: string, text: string): Promise<void> {
  const mode = await stat(file).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const temporary = `${file}.${hostname()}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, "w", mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
