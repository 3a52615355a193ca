import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { BareRepository } from "./bare-repository";

const run = promisify(execFile);

/** Name of the repository the demo works on. */
export const SAMPLE_REPOSITORY = "demo/sample";

/** The repository's feature, as Spec Kit names it. */
export const SAMPLE_FEATURE = "001-greeting-files";

/** A fixed time, so that the commit is the same on every machine with the same Spec Kit. */
const COMMIT_TIME = "2026-01-01T00:00:00Z";

/**
 * Creates the sample repository with the real Spec Kit: `specify init`, a feature, a plan and open tasks.
 *
 * @throws when `specify` or `git` fails; then it leaves no files behind.
 */
export async function makeSampleRepository(repository: BareRepository): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "sample-repository-"));
  try {
    const tree = join(directory, "tree");
    await mkdir(tree);
    const inTree = async (command: string, ...args: string[]) => run(command, args, { cwd: tree, env: environment(directory) });
    await inTree("git", "init", "--quiet", "--initial-branch=main");
    const options = ["--force", "--script", "sh", "--ignore-agent-tools", "--non-interactive"];
    await inTree("specify", "init", "--here", "--integration", "codex", ...options);
    await inTree("specify", "integration", "install", "gemini");
    await inTree("bash", ".specify/scripts/bash/create-new-feature.sh", "--json", "greeting files");
    for (const [path, text] of Object.entries(FILES)) await writeFile(join(tree, path), text);
    await inTree("git", "add", "--all");
    await inTree("git", "commit", "--quiet", "--message", "Plan the greeting files");
    await inTree("git", "clone", "--quiet", "--bare", tree, join(directory, "bare.git"));
    await inTree("git", `--git-dir=${join(directory, "bare.git")}`, "remote", "remove", "origin");
    await mkdir(dirname(repository.path), { recursive: true });
    await moveDirectory(join(directory, "bare.git"), repository.path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Renames a directory; copies it when the two paths are on different file systems. */
async function moveDirectory(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await run("cp", ["-R", from, `${to}.new`]);
    await rename(`${to}.new`, to);
  }
}

function environment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: home,
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Codex Fleet",
    GIT_AUTHOR_EMAIL: "codex-fleet@users.noreply.github.com",
    GIT_COMMITTER_NAME: "Codex Fleet",
    GIT_COMMITTER_EMAIL: "codex-fleet@users.noreply.github.com",
    GIT_AUTHOR_DATE: COMMIT_TIME,
    GIT_COMMITTER_DATE: COMMIT_TIME,
  };
}

const FILES: Readonly<Record<string, string>> = {
  "README.md": "# Sample\n\nA repository whose next open task the fleet carries out.\n",
  [`specs/${SAMPLE_FEATURE}/spec.md`]: `# Feature Specification: Greeting files

**Feature Branch**: \`${SAMPLE_FEATURE}\`

## User Scenarios & Testing

### User Story 1 - Read a greeting (Priority: P1)

As a visitor I find files that greet me, thank me and say goodbye.

## Requirements

- **FR-001**: The repository MUST hold one text file for each of: a greeting, thanks, a farewell.
- **FR-002**: Each file MUST hold exactly one line.
`,
  [`specs/${SAMPLE_FEATURE}/plan.md`]: `# Implementation Plan: Greeting files

**Language**: none, plain text files

Each file is created by one task and holds the text the task names, followed by a line break.
`,
  [`specs/${SAMPLE_FEATURE}/tasks.md`]: `# Tasks: Greeting files

**Prerequisites**: plan.md, spec.md

## Phase 1: Greeting

- [ ] T001 Create greeting.txt that says hello

## Phase 2: Manners

- [ ] T002 [P] [US1] Create thanks.txt that says thank you
- [ ] T003 [P] [US1] Create farewell.txt that says goodbye
`,
};
