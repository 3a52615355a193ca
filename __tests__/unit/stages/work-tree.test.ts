import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitStaged, pushBranch, withRunTrailer } from "../../../runtime/stages/branch-push";
import { git } from "../../../runtime/stages/git";
import { WorkTree } from "../../../runtime/stages/work-tree";
import { makeRepository } from "../../support/git-repository";
import type { TestRepository } from "../../support/git-repository";

jest.setTimeout(30_000);

const RUN = "0190f1c2-aaaa-7bbb-8ccc-1234567890ab";
const DATE = new Date("2026-01-02T03:04:05Z");
let directory: string;
let repository: TestRepository;
let tree: WorkTree;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "work-tree-"));
  repository = makeRepository(directory, { "a.txt": "one\n", "b.txt": "two\n", ".gitignore": "*.log\n" });
  tree = new WorkTree(join(directory, "run", "repo"), { url: repository.url, credential: undefined });
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const inTree = (path: string) => join(tree.path, path);
const write = (path: string, text: string) => writeFileSync(inTree(path), text);

test("clones the default branch, and sees what is new the next time", async () => {
  const first = await tree.update();
  expect(first).toEqual({ branch: "main", commit: repository.git("rev-parse", "main") });
  const second = repository.commit({ "a.txt": "changed\n" });
  expect(await tree.update()).toEqual({ branch: "main", commit: second });
  expect(readFileSync(inTree("a.txt"), "utf8")).toBe("changed\n");
  await tree.checkout(first);
  expect(readFileSync(inTree("a.txt"), "utf8")).toBe("one\n");
  expect(readdirSync(join(directory, "run"))).toEqual(["repo"]);
});

test("whatever an agent did to it, the next checkout is the commit and nothing else, and nothing of it runs", async () => {
  const base = await tree.update();
  const marker = join(directory, "ran");
  for (const hook of ["pre-commit", "post-checkout", "pre-push", "reference-transaction"]) {
    mkdirSync(inTree(".git/hooks"), { recursive: true });
    write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch ${marker}\n`);
    chmodSync(inTree(`.git/hooks/${hook}`), 0o755);
  }
  mkdirSync(inTree(".git/info"), { recursive: true });
  write(".git/info/attributes", "* filter=evil\n");
  write(
    ".git/config",
    `${readFileSync(inTree(".git/config"), "utf8")}[filter "evil"]\n\tsmudge = touch ${marker}; cat\n\tclean = touch ${marker}; cat\n[core]\n\thooksPath = .git/hooks\n\tfsmonitor = touch ${marker}\n[url "${directory}/elsewhere"]\n\tinsteadOf = ${repository.url}\n`,
  );
  write("a.txt", "staged\n");
  await git(["-c", "filter.evil.clean=cat", "add", "a.txt"], { directory: tree.path });
  rmSync(inTree("b.txt"));
  write("left.log", "ignored\n");
  mkdirSync(inTree("nested/deep"), { recursive: true });
  write("nested/deep/file", "x");
  write(".git/index.lock", "");
  rmSync(marker, { force: true });

  await tree.checkout(base);
  expect(readdirSync(tree.path).sort()).toEqual([".git", ".gitignore", "a.txt", "b.txt"]);
  expect(readFileSync(inTree("a.txt"), "utf8")).toBe("one\n");
  write("a.txt", "ours\n");
  await tree.git(["add", "a.txt"]);
  const commit = await commitStaged(tree, "Ours\n", DATE);
  await pushBranch(tree, "ours", commit, RUN);
  expect(repository.git("rev-parse", "ours")).toBe(commit);
  expect(existsSync(marker)).toBe(false);
});

test("a git directory that is a link elsewhere is replaced by a clone", async () => {
  const base = await tree.update();
  rmSync(inTree(".git"), { recursive: true });
  symlinkSync(join(directory, "clone", ".git"), inTree(".git"));
  await tree.checkout(base);
  expect(readFileSync(join(directory, "clone", ".git", "config"), "utf8")).toContain(`url = ${repository.url}`);
  expect(await tree.git(["rev-parse", "HEAD"])).toBe(`${base.commit}\n`);
});

test("a change is everything since the commit, however it was made, without agents' own state", async () => {
  const base = await tree.update();
  write("a.txt", "committed\n");
  await tree.git(["add", "a.txt"]);
  await tree.git(["commit", "--quiet", "--message", "by the agent"]);
  rmSync(inTree("b.txt"));
  write("new file.bin", "\0binary\n");
  write("noise.log", "ignored\n");
  for (const state of [".codex", ".agents/skills", ".specify"]) mkdirSync(inTree(state), { recursive: true });
  write(".codex/state.json", "{}");
  write(".agents/skills/x", "x");
  write(".specify/feature.json", "{}");
  const { patch, paths } = await tree.changesSince(base.commit);
  expect(paths).toEqual(["a.txt", "b.txt", "new file.bin"]);
  expect(readdirSync(join(directory, "run"))).toEqual(["repo"]);

  writeFileSync(join(directory, "change.patch"), patch);
  await tree.checkout(base);
  await tree.apply(join(directory, "change.patch"));
  expect(readdirSync(tree.path).sort()).toEqual([".git", ".gitignore", "a.txt", "new file.bin"]);
  expect((await tree.changesSince(base.commit)).patch).toBe(patch);
});

test("the state directories count where the repository itself has the files", async () => {
  repository.commit({ ".agents/skills/own/SKILL.md": "old\n" });
  const base = await tree.update();
  write(".agents/skills/own/SKILL.md", "new\n");
  expect((await tree.changesSince(base.commit)).paths).toEqual([".agents/skills/own/SKILL.md"]);
});

test("an unreachable and an empty repository fail the stage with what git said", async () => {
  const nowhere = new WorkTree(join(directory, "run", "other"), { url: join(directory, "nowhere"), credential: undefined });
  await expect(nowhere.update()).rejects.toMatchObject({ code: "repository_unavailable", reason: expect.stringMatching(/does not exist/) });
  mkdirSync(join(directory, "empty"));
  await git(["init", "--quiet", "--bare"], { directory: join(directory, "empty") });
  const empty = new WorkTree(join(directory, "run", "empty"), { url: join(directory, "empty"), credential: undefined });
  await expect(empty.update()).rejects.toMatchObject({
    code: "repository_unavailable",
    reason: expect.stringMatching(/no default branch/),
  });
  expect(readdirSync(join(directory, "run")).filter((name) => name.includes("partial"))).toEqual([]);
});

test("a commit that is gone fails the stage", async () => {
  await tree.update();
  await expect(tree.checkout({ branch: "main", commit: "1".repeat(40) })).rejects.toMatchObject({ code: "base_commit_gone" });
});

describe("the run's branch", () => {
  async function commitOf(text: string, run = RUN): Promise<string> {
    await tree.checkout(await tree.update());
    write("a.txt", text);
    await tree.git(["add", "a.txt"]);
    return commitStaged(tree, withRunTrailer("Change a\n", run), DATE);
  }

  test("the same change is the same commit, and pushing it again changes nothing", async () => {
    const commit = await commitOf("x\n");
    await pushBranch(tree, "codex-fleet/f/T1", commit, RUN);
    expect(await commitOf("x\n")).toBe(commit);
    await pushBranch(tree, "codex-fleet/f/T1", commit, RUN);
    expect(repository.git("log", "-1", "--format=%H %an <%ae> %at%n%B", "codex-fleet/f/T1")).toBe(
      `${commit} Codex Fleet <codex-fleet@users.noreply.github.com> ${DATE.getTime() / 1000}\nChange a\n\nCodex-Fleet-Run: ${RUN}`,
    );
  });

  test("an earlier commit of the same run is replaced", async () => {
    await pushBranch(tree, "codex-fleet/f/T1", await commitOf("x\n"), RUN);
    const second = await commitOf("y\n");
    await pushBranch(tree, "codex-fleet/f/T1", second, RUN);
    expect(repository.git("rev-parse", "codex-fleet/f/T1")).toBe(second);
  });

  test.each(["a person's", "another run's"])("%s commit is left alone", async (whose) => {
    const message = whose === "a person's" ? "Mine" : withRunTrailer("Theirs", RUN.replace("0190", "0191"));
    const theirs = repository.commit({ "a.txt": "theirs\n" }, { branch: "codex-fleet/f/T1", message });
    const ours = await commitOf("x\n");
    await expect(pushBranch(tree, "codex-fleet/f/T1", ours, RUN)).rejects.toMatchObject({ code: "branch_taken" });
    expect(repository.git("rev-parse", "codex-fleet/f/T1")).toBe(theirs);
  });
});

test("a token is neither in what is thrown nor in the process' arguments", async () => {
  const credential = { url: "http://127.0.0.1:1", token: "very-secret" };
  await expect(git(["ls-remote", "http://name:very-secret@127.0.0.1:1/x"], { directory, credential })).rejects.toMatchObject({
    said: expect.not.stringContaining("very-secret"),
  });
});
