import { join } from "node:path";
import { SKILL_RESULTS } from "../contract";
import type { SkillInput, Stage } from "../contract";
import type { z } from "zod";
import { agentEnvironment, runAgentProcess } from "../agents";
import { loadSkill } from "./skill-directory";
import type { Skill } from "./skill-directory";

/** In milliseconds. A skill only decides and does no long work: after a minute it hangs. */
export const SKILL_TIMEOUT = 60_000;

/** Time between SIGINT and SIGKILL, in milliseconds. */
const STOP_PATIENCE = 5_000;

/** Maximum length of an answer, in characters; far more than any answer needs. */
const ANSWER_LENGTH = 1024 * 1024;

export type SkillResult<S extends Stage> = z.output<(typeof SKILL_RESULTS)[S]>;

/** The skill ran and failed; the message says why. */
export class SkillFailedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SkillFailedError";
  }
}

export interface RunSkillOptions {
  readonly roots: readonly string[];
  /** Directory for the skill's stdout and stderr. */
  readonly logDirectory: string;
  readonly signal: AbortSignal;
  /** Decides whether to run the skill that was found; `runSkill` returns null when not. @default run it */
  readonly accept?: (skill: Skill) => boolean;
}

/**
 * Runs a skill's executable for a stage: JSON on stdin, JSON on stdout. It gets no secret, and every process it started
 * is dead when this resolves.
 *
 * @throws SkillFailedError, SkillUnusableError
 */
export async function runSkill<S extends Stage>(
  skillId: string,
  stage: S,
  input: SkillInput,
  options: RunSkillOptions,
): Promise<SkillResult<S> | null> {
  const skill = await loadSkill(skillId, stage, options.roots);
  if (options.accept?.(skill) === false) return null;
  let answer = "";
  const end = await runAgentProcess({
    command: [skill.program],
    input: JSON.stringify(input),
    workTree: input.workTree,
    environment: agentEnvironment(process.env, {}),
    outputLog: join(options.logDirectory, "skill-output.log"),
    messageLog: join(options.logDirectory, "skill-messages.log"),
    softLimit: SKILL_TIMEOUT,
    hardLimit: SKILL_TIMEOUT + STOP_PATIENCE,
    signal: options.signal,
    onLine: (line) => {
      if (answer.length < ANSWER_LENGTH) answer += `${line}\n`;
    },
  });
  const said = end.messages.trim().slice(-500);
  if (end.stopped !== null) throw new SkillFailedError(`${skill.program} was stopped after ${SKILL_TIMEOUT / 1000} s: ${said}`);
  if (end.exitCode !== 0) throw new SkillFailedError(`${skill.program} ended with ${end.exitCode ?? end.exitSignal}: ${said}`);
  return parseAnswer(stage, answer, skill.program);
}

/** @throws SkillFailedError */
export function parseAnswer<S extends Stage>(stage: S, stdout: string, program: string): SkillResult<S> {
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw new SkillFailedError(`${program} did not answer with one JSON object, but with "${stdout.trim().slice(0, 200)}"`);
  }
  const parsed = SKILL_RESULTS[stage].safeParse(answer);
  if (parsed.success) return parsed.data as SkillResult<S>;
  throw new SkillFailedError(
    `${program}: ${parsed.error.issues.map((issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`).join("; ")}`,
  );
}
