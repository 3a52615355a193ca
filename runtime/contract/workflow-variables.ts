import { z } from "zod";
import { ImageLayout } from "./image-layout";
import { ALL_READERS, commaList, duration, flag, httpUrl, integer, skillId, text, WORKERS, variable } from "./variable";
import { RepositoryName } from "./workflow-api";

/** Variables of a run: stages, skills, repositories and metrics. */
export const WORKFLOW_VARIABLES = {
  SPEC_WORKFLOW_STAGE_TIMEOUT: variable({
    description: "Soft limit of a stage; every other duration follows from it.",
    schema: duration,
    default: "30m",
    readers: WORKERS,
    field: "stages.timeout",
  }),
  SPEC_WORKFLOW_USE_SKILLS: variable({
    description: "Whether stages are carried out by skills.",
    schema: flag,
    default: "true",
    readers: WORKERS,
    field: "skills.enabled",
  }),
  SPEC_WORKFLOW_SKILLS_SHADOW_MODE: variable({
    description: "Whether a skill also runs on a copy of the work tree without deciding.",
    schema: flag,
    default: "false",
    readers: WORKERS,
    field: "skills.shadow",
  }),
  SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED: variable({
    description: "Whether a stage whose skill failed is carried out by direct logic.",
    schema: flag,
    default: "true",
    readers: WORKERS,
    field: "skills.fallback",
  }),
  SPEC_WORKFLOW_SKILLS_CANARY_PERCENT: variable({
    description: "Share of stages that use skills.",
    schema: integer(0, 100),
    default: "100",
    readers: WORKERS,
    field: "skills.canary_percent",
  }),
  SPEC_WORKFLOW_DEFAULT_SKILL: variable({
    description: "Skill of every stage that names no other.",
    schema: skillId,
    default: "speckit",
    readers: ALL_READERS,
    field: "skills.default",
  }),
  SPEC_WORKFLOW_DISCOVER_SKILL: variable({
    description: "Skill of the discover stage.",
    schema: skillId,
    readers: ALL_READERS,
    field: "skills.discover",
  }),
  SPEC_WORKFLOW_SUBMIT_SKILL: variable({
    description: "Skill of the submit stage.",
    schema: skillId,
    readers: ALL_READERS,
    field: "skills.submit",
  }),
  SPEC_WORKFLOW_PUBLISH_SKILL: variable({
    description: "Skill of the publish stage.",
    schema: skillId,
    readers: ALL_READERS,
    field: "skills.publish",
  }),
  SPEC_WORKFLOW_ALLOWED_SKILLS: variable({
    description: "Skills a run may use, separated by commas.",
    schema: commaList,
    default: "speckit",
    readers: ALL_READERS,
    field: "skills.allowed",
  }),
  SPEC_WORKFLOW_SKILLS_ROOT: variable({
    description: "Directories with skills, separated by commas; the first that has a skill wins.",
    schema: commaList,
    default: ImageLayout.skills,
    readers: WORKERS,
  }),

  SPEC_WORKFLOW_TASKS_ROOT: variable({
    description: "Directory of the features inside a repository.",
    schema: text,
    default: "specs",
    readers: WORKERS,
  }),
  SPEC_WORKFLOW_WORKSPACE_ROOT: variable({
    description: "Where runs keep their work trees and artifacts.",
    schema: text,
    default: ImageLayout.workspaces,
    readers: ALL_READERS,
  }),
  SPEC_WORKFLOW_DEFAULT_FEATURE_KEY: variable({
    description: "Feature of a run that names none; without it, the first feature with an open task.",
    schema: text,
    readers: ["api"],
  }),
  SPEC_WORKFLOW_GITHUB_REPOSITORY: variable({
    description: "Repository of a run that names none.",
    schema: RepositoryName,
    readers: ["api"],
  }),
  SPEC_WORKFLOW_GITHUB_API_URL: variable({
    description: "GitHub's REST API; `none` for a plain git remote, which gets the branch alone.",
    schema: z.union([z.literal("none"), httpUrl]),
    default: "https://api.github.com",
    readers: ["codex"],
    field: "github.api_url",
  }),
  SPEC_WORKFLOW_GITHUB_GIT_URL: variable({
    description: "Address that owner/name is appended to for clone and push.",
    schema: text,
    default: "https://github.com",
    readers: ["codex"],
    field: "github.git_url",
  }),
  GITHUB_TOKEN: variable({
    description: "Token for clone, push and pull requests.",
    schema: text,
    readers: ["codex"],
    secret: true,
    aliases: ["SPEC_WORKFLOW_GITHUB_TOKEN"],
  }),

  SPEC_WORKFLOW_METRICS_HOST: variable({
    description: "StatsD host; without it no metrics are sent.",
    schema: text,
    readers: WORKERS,
    aliases: ["STATSD_HOST"],
  }),
  SPEC_WORKFLOW_METRICS_PORT: variable({
    description: "StatsD port (UDP).",
    schema: integer(1, 65535),
    default: "8125",
    readers: WORKERS,
    aliases: ["STATSD_PORT"],
  }),
  SPEC_WORKFLOW_METRICS_PREFIX: variable({
    description: "Prefix of every metric.",
    schema: text,
    default: "moonmind.spec_workflow",
    readers: WORKERS,
  }),
} as const;
