import { createRequire } from "node:module";
import path from "node:path";
import type { BuildContext } from "./build-context";
import { packageRoot } from "./package-root";

/** Tools whose versions lockfiles pin. */
export type PinnedTool = "codex" | "gemini" | "specify" | "celery";

/** Manifests and lockfiles of the tools, below `assets/worker` and in a directory of one's own. */
export const PIN_FILES = [
  "codex/package.json",
  "codex/package-lock.json",
  "gemini/package.json",
  "gemini/package-lock.json",
  "python/requirements.in",
  "python/requirements.txt",
] as const;

/**
 * Versions that lockfiles pin.
 *
 * @param read Text of one of PIN_FILES.
 * @throws Error naming the lockfile and what it does not pin.
 */
export function readPins(read: (file: (typeof PIN_FILES)[number]) => string): Readonly<Record<PinnedTool, string>> {
  const load = createRequire(path.join(packageRoot(), "package.json"));
  // The build of the image reads the same locks with the same program.
  const { parsePins } = load("./assets/worker/build/pins.cjs") as {
    parsePins(locks: { codex: string; gemini: string; python: string }): Record<PinnedTool, string>;
  };
  return parsePins({
    codex: read("codex/package-lock.json"),
    gemini: read("gemini/package-lock.json"),
    python: read("python/requirements.txt"),
  });
}

/** Build arguments of the worker image that say which versions its lockfiles pin; the defaults are the package's own. */
export function pinArguments(context: BuildContext): Record<string, string> {
  const pins = readPins((file) => context.text(file));
  return Object.fromEntries(Object.entries(pins).map(([tool, version]) => [`${tool.toUpperCase()}_VERSION`, version]));
}
