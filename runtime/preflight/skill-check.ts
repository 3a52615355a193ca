import { access, constants, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AGENTS, ExitCode, SkillManifest, SkillNotAllowedError, STAGES, plannedDecisions } from "../contract";
import type { Stage } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome, PreflightContext } from "./check";

/** Every skill that the configuration gives a stage is on the allowlist. */
export const skillSelectionCheck: Check = {
  id: "skills.selection",
  what: "the skill of every stage is on the allowlist",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "correct the skill in `[skills]`, or add it to `skills.allowed`",
  run: async ({ config }) => {
    const expected = `skills out of ${config.SPEC_WORKFLOW_ALLOWED_SKILLS.join(", ")}`;
    try {
      const planned = plannedDecisions({}, config);
      return ok(STAGES.map((stage) => `${stage}: ${planned[stage].selectedSkill}`).join(", "), expected);
    } catch (error) {
      if (!(error instanceof SkillNotAllowedError)) throw error;
      return failed(error.message, expected, `correct ${error.source}, or add "${error.skill}" to SPEC_WORKFLOW_ALLOWED_SKILLS`);
    }
  },
};

/** What the check sees of a skill's directory. */
export interface SkillSighting {
  readonly directory: string | undefined;
  readonly problems: readonly string[];
}

/** The image's skill `speckit`, the default of every stage, is complete. */
export const skillCompleteCheck: Check = {
  id: "skills.speckit",
  what: "the skill speckit is complete: SKILL.md and an executable for each of its stages",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "complete or remove your own `speckit` in SPEC_WORKFLOW_SKILLS_ROOT; else rebuild the image",
  run: async (context) => judgeSkill("speckit", context.config.SPEC_WORKFLOW_SKILLS_ROOT, await seeSkill("speckit", context)),
};

export function judgeSkill(id: string, roots: readonly string[], seen: SkillSighting): Outcome {
  const expected = `${id}/SKILL.md and executables in ${id}/stages`;
  const fix = "rebuild the image, or correct SPEC_WORKFLOW_SKILLS_ROOT";
  if (seen.directory === undefined) return failed(`no directory ${id} in ${roots.join(", ")}`, expected, fix);
  if (seen.problems.length > 0)
    return failed(seen.problems.join("; "), expected, `${fix}; a skill of your own in ${seen.directory} hides the image's`);
  return ok(seen.directory, expected);
}

async function seeSkill(id: string, context: PreflightContext): Promise<SkillSighting> {
  for (const root of context.config.SPEC_WORKFLOW_SKILLS_ROOT) {
    const directory = join(root, id);
    if (!(await isDirectory(directory))) continue;
    let stages: readonly Stage[];
    try {
      stages = (await readManifest(await readFile(join(directory, "SKILL.md"), "utf8"))).stages;
    } catch (error) {
      return { directory, problems: [`${directory}/SKILL.md: ${(error as Error).message}`] };
    }
    const broken = await Promise.all(
      STAGES.map(async (stage) => {
        if (!stages.includes(stage)) return [`SKILL.md does not name the stage ${stage}`];
        return (await isExecutable(join(directory, "stages", stage))) ? [] : [`${directory}/stages/${stage} is missing or not executable`];
      }),
    );
    return { directory, problems: broken.flat() };
  }
  return { directory: undefined, problems: [] };
}

async function readManifest(text: string): Promise<SkillManifest> {
  const { parse } = await import("yaml");
  const frontMatter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1];
  if (frontMatter === undefined) throw new Error("has no front matter");
  const result = SkillManifest.safeParse(parse(frontMatter));
  if (!result.success) throw new Error(result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
  return result.data;
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
