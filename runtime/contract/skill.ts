import { z } from "zod";
import { Stage } from "./stage";

/** Front matter of `skills/<id>/SKILL.md`. */
export const SkillManifest = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  description: z.string().min(1),
  stages: z.array(Stage).min(1),
  shadow: z.boolean().default(false),
});
export type SkillManifest = z.infer<typeof SkillManifest>;

/** The open task a run works on. */
export const OpenTask = z.object({
  featureKey: z.string(),
  taskId: z.string(),
  title: z.string(),
  /** Heading of the phase the task stands under, empty when there is none. */
  phase: z.string(),
  /** Path of tasks.md inside the repository. */
  tasksPath: z.string(),
  /** Line in tasks.md, counted from 1. */
  lineNumber: z.int().positive(),
});
export type OpenTask = z.infer<typeof OpenTask>;

/**
 * What a skill's `stages/<stage>` executable reads as JSON on stdin. It runs in the repository's work tree.
 * A skill decides what to do; the run engine does it, under its lease and its time limits.
 */
export const SkillInput = z.object({
  runId: z.uuid(),
  stage: Stage,
  attempt: z.int().positive(),
  repository: z.string(),
  /** Absolute path of the work tree. */
  workTree: z.string(),
  tasksRoot: z.string(),
  featureKey: z.string().nullable(),
  agent: z.string(),
  /** Known from `submit` on. */
  task: OpenTask.nullable(),
  /** Known in `publish`: what the agent said at the end. */
  summary: z.string().nullable(),
  notes: z.string().nullable(),
});
export type SkillInput = z.infer<typeof SkillInput>;

/** `discover` answers with the task, or null when nothing is open. */
export const DiscoverResult = z.object({ task: OpenTask.nullable() });
export type DiscoverResult = z.infer<typeof DiscoverResult>;

/** `submit` answers with the prompt the agent gets. */
export const SubmitResult = z.object({ prompt: z.string().min(1) });
export type SubmitResult = z.infer<typeof SubmitResult>;

/** `publish` has ticked the task in the work tree and answers with the names of the change. */
export const PublishResult = z.object({
  commitMessage: z.string().min(1),
  title: z.string().min(1).max(256),
  body: z.string(),
});
export type PublishResult = z.infer<typeof PublishResult>;

export const SKILL_RESULTS = { discover: DiscoverResult, submit: SubmitResult, publish: PublishResult } as const;
