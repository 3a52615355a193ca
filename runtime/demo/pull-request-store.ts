import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface StoredPullRequest {
  readonly repository: string;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  /** Branch of the same repository. */
  readonly head: string;
  readonly base: string;
  readonly createdAt: string;
}

/** Pull requests, in memory and in one JSON file. They all stay open, since this server cannot merge. */
export class PullRequestStore {
  private readonly pulls: StoredPullRequest[];

  constructor(private readonly file: string) {
    this.pulls = readPulls(file);
  }

  list(repository: string, filter: { readonly head?: string | undefined; readonly base?: string | undefined } = {}): StoredPullRequest[] {
    return this.pulls
      .filter((pull) => pull.repository === repository)
      .filter((pull) => filter.head === undefined || pull.head === filter.head)
      .filter((pull) => filter.base === undefined || pull.base === filter.base)
      .reverse();
  }

  get(repository: string, number: number): StoredPullRequest | undefined {
    return this.pulls.find((pull) => pull.repository === repository && pull.number === number);
  }

  create(pull: Omit<StoredPullRequest, "number" | "createdAt">): StoredPullRequest {
    const created = { ...pull, number: this.list(pull.repository).length + 1, createdAt: new Date().toISOString() };
    this.pulls.push(created);
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.new`, `${JSON.stringify(this.pulls, null, 2)}\n`);
    renameSync(`${this.file}.new`, this.file);
    return created;
  }
}

function readPulls(file: string): StoredPullRequest[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as StoredPullRequest[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
