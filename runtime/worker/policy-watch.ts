import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkCodexConfig, decodeCodexConfig, ImageLayout } from "../contract";
import type { Configuration } from "../contract";
import { judgeRequirements, judgeTemplate, refusalText } from "../preflight";

/** A file the policy depends on. `judge` returns null when the content is right, else what is wrong. */
export interface PolicyFile {
  readonly path: string;
  readonly judge: (content: Buffer) => string | null;
}

/** The policy files of the image. Without a container Codex enforces no requirements file, so none is watched. */
export function policyFilesOf(
  config: Configuration<"CODEX_TEMPLATE_PATH" | "FLEET_ENGINE">,
  requirements: string = ImageLayout.codexRequirements,
): PolicyFile[] {
  const template = config.CODEX_TEMPLATE_PATH;
  return [
    { path: template, judge: (content) => problemOf(judgeTemplate(template, { text: content.toString("utf8") })) },
    ...(config.FLEET_ENGINE === "local"
      ? []
      : [
          {
            path: requirements,
            judge: (content: Buffer) => problemOf(judgeRequirements(requirements, { text: content.toString("utf8") })),
          },
        ]),
  ];
}

/** Watches while the worker runs whether Codex's policy is intact: CODEX_HOME/config.toml and the image's files. */
export class PolicyWatch {
  private readonly watches: readonly FileWatch[];

  constructor(codexHome: string, files: readonly PolicyFile[] = []) {
    const config: PolicyFile = { path: join(codexHome, "config.toml"), judge: (content) => judgeConfig(codexHome, content) };
    this.watches = [config, ...files].map((file) => new FileWatch(file));
  }

  /** Null while the policy is intact, else what is wrong. */
  look(): string | null {
    const problems = this.watches.map((watch) => watch.look()).filter((problem) => problem !== null);
    return problems.length === 0 ? null : problems.join("; ");
  }
}

/** Reads a file again only when it has changed; Codex and operators may change their own keys in it. */
class FileWatch {
  private seen = "";
  private problem: string | null = null;

  constructor(private readonly file: PolicyFile) {}

  look(): string | null {
    const { path, judge } = this.file;
    try {
      const found = statSync(path, { bigint: true });
      const identity = `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
      if (identity === this.seen) return this.problem;
      this.problem = judge(readFileSync(path));
      this.seen = identity;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.problem = code === "ENOENT" ? `${path} is gone` : `${path} cannot be read (${code})`;
      // Read the file at the next look in any case.
      this.seen = "";
    }
    return this.problem;
  }
}

function judgeConfig(codexHome: string, content: Buffer): string | null {
  const decoded = decodeCodexConfig(content);
  if (!decoded.ok) return refusalText(codexHome, decoded.refusal);
  const check = checkCodexConfig(decoded.text);
  if (check.ok) return null;
  if (check.refusal !== null) return refusalText(codexHome, check.refusal);
  return `${join(codexHome, "config.toml")}: ${check.differing.map(({ key, from, to }) => `${key} is ${from ?? "not set"}, must be ${to}`).join(", ")}`;
}

function problemOf({ status, found }: { readonly status: string; readonly found: string }): string | null {
  return status === "ok" ? null : found;
}
