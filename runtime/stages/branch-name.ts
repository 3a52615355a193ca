/**
 * The branch of a run, the same for every attempt: `codex-fleet/<feature>/<task>-<first 8 digits of the run's id>`.
 */
export function branchName(featureKey: string, taskId: string, runId: string): string {
  return `codex-fleet/${refComponent(featureKey)}/${refComponent(taskId)}-${runId.slice(0, 8)}`;
}

/** Turns a text into a component of a branch name that `git check-ref-format` accepts. */
function refComponent(text: string): string {
  const clean = text
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[.-]+|\.lock$|[.-]+$/g, "");
  return clean === "" ? "task" : clean;
}
