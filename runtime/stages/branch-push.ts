import { git, GitError } from "./git";
import { StageFailure } from "./stage-failure";
import type { WorkTree } from "./work-tree";

/** Trailer that names the run which made a commit: a branch whose tip lacks it belongs to somebody else. */
const RUN_TRAILER = "Codex-Fleet-Run";

/** A commit message with the run it belongs to. */
export function withRunTrailer(message: string, runId: string): string {
  return `${message.trimEnd()}\n\n${RUN_TRAILER}: ${runId}\n`;
}

/**
 * Commits the staged changes. The same tree, message and time give the same commit in every attempt.
 *
 * @returns the commit's id.
 */
export async function commitStaged(workTree: WorkTree, message: string, date: Date): Promise<string> {
  const time = date.toISOString();
  await git(["commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--file=-"], {
    directory: workTree.path,
    input: message,
    environment: { GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time },
  });
  return (await workTree.git(["rev-parse", "HEAD"])).trim();
}

/**
 * Pushes a commit to the run's branch, unless the branch is there already. It replaces an earlier commit of the same run,
 * and never one of anybody else.
 *
 * @returns git's output, for the push log.
 * @throws StageFailure
 */
export async function pushBranch(workTree: WorkTree, branch: string, commit: string, runId: string): Promise<string> {
  const reference = `refs/heads/${branch}`;
  const push = (expected: string) =>
    workTree.remote(["push", "--porcelain", `--force-with-lease=${reference}:${expected}`, "origin", `${commit}:${reference}`]);
  try {
    // Nearly always the branch is new, and one push is enough.
    return await push("").catch(async (error: unknown) => {
      const tip = (await workTree.remote(["ls-remote", "origin", reference])).split("\t")[0]!.trim();
      if (tip === commit) return `${branch} is at ${commit} already\n`;
      if (tip === "") throw error;
      if (await belongsToRun(workTree, reference, runId)) return push(tip);
      throw new StageFailure({
        code: "branch_taken",
        reason: `the branch ${branch} is at commit ${tip}, which this run did not make`,
        remediation: "merge or delete the branch, then retry the run",
      });
    });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new StageFailure({
      code: "push_failed",
      reason: `the branch ${branch} cannot be pushed: ${error.said}`,
      remediation: "check that the secret github_token may write contents of the repository, then retry the run",
    });
  }
}

async function belongsToRun(workTree: WorkTree, reference: string, runId: string): Promise<boolean> {
  await workTree.remote(["fetch", "--quiet", "--no-tags", "origin", reference]);
  const trailer = await workTree.git(["log", "-1", `--format=%(trailers:key=${RUN_TRAILER},valueonly)`, "FETCH_HEAD"]);
  return trailer.trim() === runId;
}
