import { execa } from "execa";
import { SKILL_RESULTS } from "../contract";
import type { SkillInput, Stage } from "../contract";
import type { z } from "zod";
import { agentEnvironment } from "../agents";
import { loadSkill } from "./skill-directory";
import type { Skill } from "./skill-directory";

/** A skill decides, it does not work: more than a minute is a hang. In milliseconds. */
export const SKILL_TIMEOUT = 60_000;

export type SkillResult<S extends Stage> = z.output<(typeof SKILL_RESULTS)[S]>;

/** The skill ran and did not do its part; the message says why. */
export class SkillFailedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SkillFailedError";
  }
}

/**
 * Runs a skill's executable of a stage: JSON in, JSON out. It sees no secret.
 *
 * @throws SkillFailedError, SkillUnusableError
 */
export async function runSkill<S extends Stage>(
  skillId: string,
  stage: S,
  input: SkillInput,
  options: { readonly roots: readonly string[]; readonly signal: AbortSignal; readonly accept?: (skill: Skill) => boolean },
): Promise<SkillResult<S> | null> {
  const skill = await loadSkill(skillId, stage, options.roots);
  if (options.accept?.(skill) === false) return null;
  const result = await execa(skill.program, [], {
    cwd: input.workTree,
    env: agentEnvironment(process.env, {}),
    extendEnv: false,
    input: JSON.stringify(input),
    reject: false,
    timeout: SKILL_TIMEOUT,
    cancelSignal: options.signal,
    forceKillAfterDelay: 1_000,
    // What the skill starts in the background must not hold the stage.
    cleanup: true,
  });
  const said = result.stderr.trim().slice(-500);
  if (result.timedOut) throw new SkillFailedError(`${skill.program} was stopped after ${SKILL_TIMEOUT / 1000} s: ${said}`);
  if (result.failed) throw new SkillFailedError(`${skill.program} ended with ${result.exitCode ?? result.signal ?? result.code}: ${said}`);
  return parseAnswer(stage, result.stdout, skill.program);
}

/** @throws SkillFailedError */
export function parseAnswer<S extends Stage>(stage: S, stdout: string, program: string): SkillResult<S> {
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw new SkillFailedError(`${program} did not answer with one JSON object, but with "${stdout.slice(0, 200)}"`);
  }
  const parsed = SKILL_RESULTS[stage].safeParse(answer);
  if (parsed.success) return parsed.data as SkillResult<S>;
  throw new SkillFailedError(
    `${program}: ${parsed.error.issues.map((issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`).join("; ")}`,
  );
}
