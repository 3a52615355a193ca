import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactFile } from "./artifact-directory";
import { sha256OfFile } from "./artifact-directory";
import { branchName } from "./branch-name";
import { commitStaged, pushBranch, withRunTrailer } from "./branch-push";
import { directPublish } from "./direct-publish";
import { discovered, submitted } from "./earlier-stages";
import { GitError } from "./git";
import { openPullRequest } from "./pull-request";
import { SkillFailedError } from "./run-skill";
import type { StageContext, StageOutcome } from "./stage-context";
import { StageFailure } from "./stage-failure";
import { parseTaskList } from "./task-list";

/** Commits the agent's change and the ticked task, pushes the run's branch and opens its pull request. */
export async function publish(context: StageContext): Promise<StageOutcome> {
  const { claim, config, workTree, artifacts } = context;
  const { task, base } = discovered(claim);
  const { summary } = submitted(claim);
  const prepare = async () => {
    await workTree.checkout(base);
    await applyPatch(context);
  };
  await prepare();
  const named = await context.decide("publish", {
    input: { featureKey: task.featureKey, task, summary },
    direct: () => directPublish(workTree.path, { runId: claim.runId, agent: claim.run.agent, task, summary }),
    verify: () => verifyTick(context, task.tasksPath, task.taskId),
    restore: prepare,
  });
  await workTree.git(["add", "--", task.tasksPath]);
  const commit = await commitStaged(workTree, withRunTrailer(named.commitMessage, claim.runId), claim.run.createdAt);
  const branch = branchName(task.featureKey, task.taskId, claim.runId);
  context.signal.throwIfAborted();
  const pushed = await pushBranch(workTree, branch, commit, claim.runId);
  const files: ArtifactFile[] = [await artifacts.write("gh_push_log", "push.log", pushed)];
  const payload = { branch, commit, baseBranch: base.branch };
  if (config.SPEC_WORKFLOW_GITHUB_API_URL === "none") {
    return { message: `pushed ${branch}`, payload: { ...payload, prUrl: null }, artifacts: files, run: { branchName: branch }, next: null };
  }
  const request = { head: branch, base: base.branch, title: named.title, body: named.body };
  files.push(await artifacts.writeJson("pr_payload", "pull-request.json", { repository: claim.run.repository, ...request }));
  const pull = await openPullRequest({
    apiUrl: config.SPEC_WORKFLOW_GITHUB_API_URL,
    token: config.GITHUB_TOKEN,
    repository: claim.run.repository,
    ...request,
    signal: context.signal,
  }).catch((error: unknown) => {
    throw error instanceof StageFailure ? keepBranch(error, files, payload) : error;
  });
  files.push(await artifacts.writeJson("gh_pr_response", "pull-request-response.json", pull));
  return {
    message: `${pull.created ? "opened" : "found"} pull request ${pull.url}`,
    payload: { ...payload, prUrl: pull.url, prNumber: pull.number },
    artifacts: files,
    run: { branchName: branch, prUrl: pull.url },
    next: null,
  };
}

/** Applies the patch of submit, if it is exactly the one that submit recorded. */
async function applyPatch({ claim, workTree }: StageContext): Promise<void> {
  const { patchPath, patchDigest } = submitted(claim);
  const file = join(claim.run.artifactsPath, patchPath);
  const digest = await sha256OfFile(file).catch(() => "missing");
  const remediation = "retry the run with mode restart_from_discovery";
  if (digest !== patchDigest) {
    const reason = `${patchPath} is ${digest === "missing" ? "gone" : "not what submit recorded"}: expected ${patchDigest}, found ${digest}`;
    throw new StageFailure({ code: "patch_lost", reason, remediation });
  }
  try {
    await workTree.apply(file);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new StageFailure({ code: "patch_does_not_apply", reason: error.message, remediation });
  }
}

/** A skill may only tick its task: any other change would be published as the agent's. */
async function verifyTick({ workTree }: StageContext, tasksPath: string, taskId: string): Promise<void> {
  const changed = (await workTree.git(["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames"]))
    .split("\0")
    // The second column is the difference to the index, and the index holds the agent's change.
    .filter((entry) => entry !== "" && entry[1] !== " ")
    .map((entry) => entry.slice(3));
  const other = changed.filter((path) => path !== tasksPath);
  if (other.length > 0) throw new SkillFailedError(`publish changed ${other.join(", ")}; it may only tick the task in ${tasksPath}`);
  const task = parseTaskList(await readFile(join(workTree.path, tasksPath), "utf8")).find((candidate) => candidate.taskId === taskId);
  if (task?.done !== true) throw new SkillFailedError(`publish did not tick ${taskId} in ${tasksPath}`);
}

/** Adds the branch to the failure: it was pushed although the pull request failed. */
function keepBranch(failure: StageFailure, artifacts: readonly ArtifactFile[], payload: { branch: string }): StageFailure {
  const { code, reason, remediation } = failure;
  return new StageFailure({ code, reason, remediation, artifacts, payload, run: { branchName: payload.branch } });
}
