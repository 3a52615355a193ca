import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A bare repository with one commit on `main`, and a clone with which tests change it. */
export interface TestRepository {
  /** `<gitUrl>/acme/shop` is the address of the repository. */
  readonly gitUrl: string;
  readonly url: string;
  /** Commits files on a branch and pushes it; returns the commit. */
  commit(files: Readonly<Record<string, string>>, options?: { branch?: string; message?: string }): string;
  /** Git in the bare repository. */
  git(...args: string[]): string;
}

export function makeRepository(directory: string, files: Readonly<Record<string, string>>): TestRepository {
  const bare = join(directory, "acme", "shop");
  const clone = join(directory, "clone");
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", ["-c", "safe.directory=*", "-c", "user.name=Person", "-c", "user.email=person@example.com", ...args], {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: directory, GIT_CONFIG_NOSYSTEM: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  mkdirSync(bare, { recursive: true });
  git(bare, "init", "--quiet", "--bare", "--initial-branch=main");
  git(directory, "clone", "--quiet", bare, clone);
  git(clone, "checkout", "--quiet", "-B", "main");
  const repository: TestRepository = {
    gitUrl: directory,
    url: bare,
    commit(changed, { branch = "main", message = "Change" } = {}) {
      git(clone, "checkout", "--quiet", "-B", branch);
      for (const [path, text] of Object.entries(changed)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true });
        writeFileSync(join(clone, path), text);
      }
      git(clone, "add", "--all");
      git(clone, "commit", "--quiet", "--allow-empty", "--message", message);
      git(clone, "push", "--quiet", "--force", "origin", branch);
      return git(clone, "rev-parse", "HEAD");
    },
    git: (...args) => git(bare, ...args),
  };
  repository.commit(files);
  return repository;
}
