import { randomUUID } from "node:crypto";
import { cp, lstat, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { git, GitError } from "./git";
import type { GitCredential } from "./git";
import { StageFailure } from "./stage-failure";

/** Files in which agents and Spec Kit keep their state. A change never includes them, unless the repository tracks them. */
const AGENT_STATE = ["/.codex/", "/.agents/", "/.gemini/", "/.specify/feature.json"];

export interface RepositoryAddress {
  /** What git clones: `<git url>/<owner>/<name>`. */
  readonly url: string;
  readonly credential: GitCredential | undefined;
}

/** The commit a run starts from. */
export interface Base {
  readonly branch: string;
  readonly commit: string;
}

/** The checkout of one run. An agent may have changed anything in it, so every use starts with `reclaim`. */
export class WorkTree {
  constructor(
    readonly path: string,
    private readonly repository: RepositoryAddress,
  ) {}

  /**
   * Clones the repository, or updates the existing clone, and checks out the default branch.
   *
   * @throws StageFailure when the repository cannot be reached.
   */
  async update(): Promise<Base> {
    try {
      if (await this.reclaim()) {
        const { branch } = await this.remoteHead();
        await this.remote(["fetch", "--quiet", "--no-tags", "--force", "origin", `+refs/heads/${branch}:refs/remotes/origin/${branch}`]);
      } else {
        await this.clone();
      }
      const base = await this.remoteHead();
      await this.reset(base.commit);
      return base;
    } catch (error) {
      throw repositoryFailure(error, this.repository.url);
    }
  }

  /**
   * Checks out a commit and removes every change and every untracked or ignored file.
   *
   * @throws StageFailure when neither the clone nor the remote has the commit.
   */
  async checkout(base: Base): Promise<void> {
    if (!(await this.reclaim()) || !(await this.has(base.commit))) await this.update();
    try {
      await this.reset(base.commit);
    } catch (error) {
      if (!(error instanceof GitError) || (await this.has(base.commit))) throw error;
      throw new StageFailure({
        code: "base_commit_gone",
        reason: `the commit ${base.commit} that the run started from is no longer in ${this.repository.url}`,
        remediation: "retry the run with mode restart_from_discovery",
      });
    }
  }

  /** All changes since the commit, in tracked and untracked files, committed or not. */
  async changesSince(commit: string): Promise<{ readonly patch: string; readonly paths: readonly string[] }> {
    await this.reclaim();
    // Use a separate index: what the agent staged or committed makes no difference.
    const index = { GIT_INDEX_FILE: join(dirname(this.path), `index-${randomUUID()}`) };
    try {
      await this.git(["read-tree", commit], index);
      await this.git(["add", "--all", "--", "."], index);
      const compare = ["diff-index", "--cached", "--no-ext-diff", "--no-textconv", "--no-renames"];
      const names = await this.git([...compare, "--name-only", "-z", commit], index);
      const patch = await this.git([...compare, "--patch", "--binary", "--full-index", commit], index);
      return { patch, paths: names.split("\0").filter((name) => name !== "") };
    } finally {
      await rm(index.GIT_INDEX_FILE, { force: true });
    }
  }

  /** @throws GitError when the patch does not apply. */
  async apply(patchFile: string): Promise<void> {
    await this.git(["apply", "--index", "--binary", "--whitespace=nowarn", patchFile]);
  }

  /** Runs git in this work tree without a credential. */
  async git(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string> {
    return git(args, { directory: this.path, ...(environment === undefined ? {} : { environment }) });
  }

  /** Runs git in this work tree with the remote's credential. */
  async remote(args: readonly string[]): Promise<string> {
    return git(args, { directory: this.path, credential: this.repository.credential });
  }

  /** Copies the whole work tree, for a trial run. */
  async copyTo(path: string): Promise<WorkTree> {
    await cp(this.path, path, { recursive: true, verbatimSymlinks: true });
    return new WorkTree(path, this.repository);
  }

  /**
   * Resets the git directory's configuration: an agent may have written hooks, filters, helpers or other addresses, which
   * git would later run or use with our credential.
   *
   * @returns false when there is no git directory.
   */
  private async reclaim(): Promise<boolean> {
    const directory = join(this.path, ".git");
    const found = await lstat(directory).catch(() => null);
    if (found === null || !found.isDirectory()) return false;
    await Promise.all(
      ["hooks", "info", "modules", "config.worktree", "commondir", "objects/info/alternates"].map((name) =>
        rm(join(directory, name), { recursive: true, force: true }),
      ),
    );
    await rm(join(directory, "config"), { recursive: true, force: true });
    await mkdir(join(directory, "info"), { recursive: true });
    await writeFile(join(directory, "info", "exclude"), `${AGENT_STATE.join("\n")}\n`);
    await writeFile(join(directory, "config"), gitConfig(this.repository.url));
    await rm(join(directory, "index.lock"), { force: true });
    return true;
  }

  private async clone(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const partial = `${this.path}.partial-${randomUUID()}`;
    try {
      await git(["clone", "--quiet", "--no-tags", "--single-branch", "--no-checkout", "--", this.repository.url, partial], {
        directory: dirname(this.path),
        credential: this.repository.credential,
      });
      await rm(this.path, { recursive: true, force: true });
      await rename(partial, this.path);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    await this.reclaim();
  }

  private async reset(commit: string): Promise<void> {
    await this.git(["checkout", "--quiet", "--force", "--detach", commit]);
    await this.git(["clean", "--quiet", "-ffdx"]);
  }

  private async remoteHead(): Promise<Base> {
    const found = await this.git(["for-each-ref", "--format=%(symref:lstrip=3) %(objectname)", "refs/remotes/origin/HEAD"]);
    const [branch, commit] = found.trim().split(" ");
    if (!branch || !commit) throw new GitError(["for-each-ref"], 0, "the repository has no default branch: it may be empty");
    return { branch, commit };
  }

  private async has(commit: string): Promise<boolean> {
    return this.git(["cat-file", "-e", `${commit}^{commit}`]).then(
      () => true,
      () => false,
    );
  }
}

function gitConfig(url: string): string {
  return `[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote "origin"]\n\turl = ${JSON.stringify(url)}\n`;
}

function repositoryFailure(error: unknown, url: string): unknown {
  if (!(error instanceof GitError)) return error;
  return new StageFailure({
    code: "repository_unavailable",
    reason: `${url} cannot be cloned or updated: ${error.said}`,
    remediation: "check the repository's name, github.git_url and the secret github_token, then retry the run",
  });
}
