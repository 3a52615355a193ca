import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError } from "../../../../cli/console/operator-error";
import type { Account } from "../../../../cli/local/account";
import { chooseDirectory, claimInstance, findInstance, withInstanceLock } from "../../../../cli/local/instance";
import type { Occupant } from "../../../../cli/local/instance";

const OURS: Occupant = { project: "/ours", projectExists: true };
const OTHERS: Occupant = { project: "/other", projectExists: true };
const MOVED: Occupant = { project: "/other", projectExists: false };
const OLD: Occupant = { project: undefined, projectExists: false };
const BESIDE = "demo-3ee977a7";

test.each<[string, Record<string, Occupant>, string]>([
  ["nobody has been here", {}, "demo"],
  ["it was here before", { demo: OURS }, "demo"],
  ["somebody was here before projects were written down", { demo: OLD }, "demo"],
  ["the project of then is not there any more", { demo: MOVED }, "demo"],
  ["another project was here first", { demo: OTHERS }, BESIDE],
  ["another project was here first, and it has come since", { demo: OTHERS, [BESIDE]: OURS }, BESIDE],
  ["it stepped aside once, and the other one is gone", { [BESIDE]: OURS }, BESIDE],
])("directory of an environment when %s", (_what, occupants, directory) => {
  expect(chooseDirectory("demo", "/ours", (name) => occupants[name] ?? "nobody")).toBe(directory);
});

describe("on a disk", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "instance-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function account(): Account {
    return {
      uid: process.getuid!(),
      gid: process.getgid!(),
      name: "ada",
      dataHome: join(directory, "data"),
      cacheHome: "/cache",
      change: false,
    };
  }

  function project(name: string) {
    const root = join(directory, name);
    mkdirSync(root);
    writeFileSync(join(root, "cdktf.json"), "{}");
    return { name: "demo", project: { root, environments: join(root, "environments") } };
  }

  test("two projects at once get a directory each, and find it again", async () => {
    const projects = [project("one"), project("two"), project("three")];
    const claimed = await Promise.all(projects.map((each) => claimInstance(each, account())));
    expect(new Set(claimed.map(({ root }) => root)).size).toBe(3);
    expect((await Promise.all(projects.map((each) => findInstance(each, account())))).map(({ root }) => root)).toEqual(
      claimed.map(({ root }) => root),
    );
  });

  test("a project that moved keeps its directory", async () => {
    const first = await claimInstance(project("one"), account());
    renameSync(join(directory, "one"), join(directory, "moved"));
    const moved = { name: "demo", project: { root: join(directory, "moved"), environments: "" } };
    expect((await claimInstance(moved, account())).root).toBe(first.root);
    expect(readFileSync(first.at("project"), "utf8")).toBe(`${join(directory, "moved")}\n`);
  });

  test("finding an instance creates nothing", async () => {
    expect((await findInstance(project("one"), account())).exists()).toBe(false);
    expect(existsSync(join(directory, "data"))).toBe(false);
  });
});

describe("the lock of an instance", () => {
  const instance = { root: `/lock/${process.pid}`, environment: "dev" };

  test("one process at a time has the lock, and the other one learns which", async () => {
    await withInstanceLock(instance, async () => {
      await expect(withInstanceLock(instance, () => Promise.resolve())).rejects.toEqual(
        new OperatorError(`process ${process.pid} is working on dev already: wait for it, or end it`, 1),
      );
      await withInstanceLock({ ...instance, root: `${instance.root}/other` }, () => Promise.resolve());
    });
    expect(await withInstanceLock(instance, () => Promise.resolve("free"))).toBe("free");
  });

  test("the lock is free again after a failure, and after its holder was killed", async () => {
    await expect(withInstanceLock(instance, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    const program = `require("tsx/cjs"); require(${JSON.stringify(join(__dirname, "../../../../cli/local/instance.ts"))})
      .withInstanceLock(${JSON.stringify(instance)}, () => { console.log("held"); return new Promise((resolve) => setTimeout(resolve, 600_000)); })`;
    const holder = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"], cwd: join(__dirname, "../../../..") });
    await once(holder.stdout, "data");
    await expect(withInstanceLock(instance, () => Promise.resolve())).rejects.toThrow(`process ${holder.pid} is working on dev already`);
    const ended = once(holder, "exit");
    holder.kill("SIGKILL");
    await ended;
    expect(await withInstanceLock(instance, () => Promise.resolve("free"))).toBe("free");
  });
});
