import type { PinnedTool } from "../../constructs/tool-pins";
import { UsageError } from "../console/operator-error";
import { unknownName } from "../console/unknown-name";

/** The package of each tool, and the manifest with its version. */
export const PINNED_TOOLS: Readonly<
  Record<PinnedTool, { readonly name: string; readonly manifest: string; readonly kind: "npm" | "python" }>
> = {
  codex: { name: "@openai/codex", manifest: "codex/package.json", kind: "npm" },
  gemini: { name: "@google/gemini-cli", manifest: "gemini/package.json", kind: "npm" },
  specify: { name: "specify-cli", manifest: "python/requirements.in", kind: "python" },
  celery: { name: "celery", manifest: "python/requirements.in", kind: "python" },
};

export const TOOL_NAMES = Object.keys(PINNED_TOOLS) as readonly PinnedTool[];

/** A tool to raise; without a version, to its newest. */
export interface WantedPin {
  readonly tool: PinnedTool;
  readonly version: string | undefined;
}

const VERSION = /^\d+\.\d+\.\d+[\w.+-]*$/;

/**
 * Reads `codex` or `codex@1.2.3`.
 *
 * @throws UsageError naming what is allowed.
 */
export function parseWantedPin(argument: string): WantedPin {
  const [name = "", version, ...rest] = argument.split("@");
  const tool = name === "speckit" ? "specify" : name;
  if (!isTool(tool)) throw unknownName(`no tool "${name}"`, name, TOOL_NAMES);
  if (rest.length > 0 || (version !== undefined && !VERSION.test(version))) {
    throw new UsageError(`the version of a tool must be exact, such as ${tool}@1.2.3, got "${argument}"`);
  }
  return { tool, version };
}

function isTool(name: string): name is PinnedTool {
  return (TOOL_NAMES as readonly string[]).includes(name);
}

/** A manifest's text with another version of a tool. */
export function raiseManifest(text: string, tool: PinnedTool, version: string): string {
  const { name, kind } = PINNED_TOOLS[tool];
  if (kind === "python") return text.replace(new RegExp(`^${name}==.*$`, "m"), `${name}==${version}`);
  const manifest = JSON.parse(text) as { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> };
  for (const [key, value] of Object.entries(manifest.optionalDependencies ?? {})) {
    const platform = new RegExp(`^npm:${name}@.*(-linux-(?:arm64|x64))$`).exec(value)?.[1];
    if (platform !== undefined) manifest.optionalDependencies![key] = `npm:${name}@${version}${platform}`;
  }
  if (manifest.dependencies?.[name] !== undefined) manifest.dependencies[name] = version;
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** The Dockerfile's text with the locked versions as defaults of its version arguments. */
export function raiseDockerfile(text: string, pins: Readonly<Record<PinnedTool, string>>): string {
  return TOOL_NAMES.reduce(
    (changed, tool) =>
      changed.replace(new RegExp(`^ARG ${tool.toUpperCase()}_VERSION=.*$`, "m"), `ARG ${tool.toUpperCase()}_VERSION=${pins[tool]}`),
    text,
  );
}
