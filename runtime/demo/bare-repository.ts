import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A bare repository OWNER/NAME.git below a directory. */
export class BareRepository {
  readonly path: string;

  constructor(repositories: string, name: string) {
    this.path = join(repositories, `${name}.git`);
  }

  exists(): boolean {
    return existsSync(join(this.path, "HEAD"));
  }

  async defaultBranch(): Promise<string> {
    return (await this.git("symbolic-ref", "--short", "HEAD")).trim();
  }

  /** The commit at the tip, null when there is no such branch. */
  async tip(branch: string): Promise<string | null> {
    return this.git("rev-parse", "--verify", "--quiet", "--end-of-options", `refs/heads/${branch}^{commit}`).then(
      (commit) => commit.trim(),
      () => null,
    );
  }

  /** What a branch changes, as a unified diff. */
  async diff(base: string, head: string): Promise<string> {
    return this.git("diff", "--no-color", "--no-ext-diff", `refs/heads/${base}...refs/heads/${head}`);
  }

  private async git(...args: string[]): Promise<string> {
    const { stdout } = await run("git", ["-c", "safe.directory=*", `--git-dir=${this.path}`, ...args], { maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  }
}
