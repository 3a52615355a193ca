import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { SkillManifest } from "../contract";
import type { Stage } from "../contract";

/** A skill's directory and manifest. */
export interface Skill {
  readonly id: string;
  readonly directory: string;
  readonly manifest: SkillManifest;
}

/** The skill cannot be used for the stage; it was not run. */
export class SkillUnusableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SkillUnusableError";
  }
}

/**
 * Finds a skill in the first root that has it and checks that it has an executable for the stage.
 *
 * @throws SkillUnusableError naming the file and what is wrong with it.
 */
export async function loadSkill(id: string, stage: Stage, roots: readonly string[]): Promise<Skill & { readonly program: string }> {
  for (const root of roots) {
    const directory = join(root, id);
    const text = await readFile(join(directory, "SKILL.md"), "utf8").catch(() => null);
    if (text === null) continue;
    const manifest = readManifest(text, join(directory, "SKILL.md"));
    if (manifest.name !== id) throw new SkillUnusableError(`${directory}/SKILL.md: the name is "${manifest.name}", the directory "${id}"`);
    if (!manifest.stages.includes(stage)) {
      throw new SkillUnusableError(`the skill "${id}" has no stage ${stage}; it has ${manifest.stages.join(", ")}`);
    }
    const program = join(directory, "stages", stage);
    await access(program, constants.X_OK).catch(() => {
      throw new SkillUnusableError(`${program} is missing or not executable`);
    });
    return { id, directory, manifest, program };
  }
  throw new SkillUnusableError(`the skill "${id}" is in none of ${roots.join(", ")} (SPEC_WORKFLOW_SKILLS_ROOT)`);
}

/**
 * Reads the front matter of a SKILL.md.
 *
 * @throws SkillUnusableError
 */
export function readManifest(text: string, file: string): SkillManifest {
  const match = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text);
  if (match === null) throw new SkillUnusableError(`${file}: it must begin with a front matter between two lines of three dashes`);
  let fields: unknown;
  try {
    fields = parse(match[1]!);
  } catch (error) {
    throw new SkillUnusableError(`${file}: the front matter is not YAML: ${(error as Error).message}`);
  }
  const manifest = SkillManifest.safeParse(fields);
  if (manifest.success) return manifest.data;
  const problems = manifest.error.issues.map((issue) => `${issue.path.join(".") || "front matter"}: ${issue.message}`);
  throw new SkillUnusableError(`${file}: ${problems.join("; ")}`);
}
