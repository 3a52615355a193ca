import { createRequire } from "node:module";
import path from "node:path";
import type { BuildContext } from "./build-context";
import { packageRoot } from "./package-root";

/** Tools with versions pinned by lockfiles. */
export type PinnedTool = "codex" | "gemini" | "specify" | "celery";

/** Manifests and lockfiles of the tools, in `assets/worker` or in the directory `build.pins`. */
export const PIN_FILES = [
  "codex/package.json",
  "codex/package-lock.json",
  "gemini/package.json",
  "gemini/package-lock.json",
  "python/requirements.in",
  "python/requirements.txt",
] as const;

/**
 * Reads the versions that the lockfiles pin.
 *
 * @param read Returns the text of one of PIN_FILES.
 * @throws Error naming the lockfile and what it does not pin.
 */
export function readPins(read: (file: (typeof PIN_FILES)[number]) => string): Readonly<Record<PinnedTool, string>> {
  const load = createRequire(path.join(packageRoot(), "package.json"));
  // The image's build reads the lockfiles with the same program.
  const { parsePins } = load("./assets/worker/build/pins.cjs") as {
    parsePins(locks: { codex: string; gemini: string; python: string }): Record<PinnedTool, string>;
  };
  return parsePins({
    codex: read("codex/package-lock.json"),
    gemini: read("gemini/package-lock.json"),
    python: read("python/requirements.txt"),
  });
}

/** Build arguments with the versions that the context's lockfiles pin; the Dockerfile's defaults are the package's own pins. */
export function pinArguments(context: BuildContext): Record<string, string> {
  const pins = readPins((file) => context.text(file));
  return Object.fromEntries(Object.entries(pins).map(([tool, version]) => [`${tool.toUpperCase()}_VERSION`, version]));
}
