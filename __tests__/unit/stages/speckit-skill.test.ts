import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenTask } from "../../../runtime/contract";
import { nameChange } from "../../../runtime/stages/direct-publish";
import { parseTaskList, tickTask } from "../../../runtime/stages/task-list";

const SKILL = join(__dirname, "..", "..", "..", "assets", "worker", "skills", "speckit");

let workTree: string;

beforeEach(() => {
  workTree = mkdtempSync(join(tmpdir(), "speckit-skill-"));
  mkdirSync(join(workTree, "specs/001-shop"), { recursive: true });
});

afterEach(() => {
  rmSync(workTree, { recursive: true });
});

const TASK: OpenTask = {
  featureKey: "001-shop",
  taskId: "T003",
  title: 'Say "hi" to $HOME & `co`',
  phase: "Phase 1: Setup",
  tasksPath: "specs/001-shop/tasks.md",
  lineNumber: 5,
};
const LISTS = [
  "## Phase 1: Setup\n\n- [x] T001 One\n- [ ] T002 Two\n- [ ] T003 [P] [US1] Three\n",
  "```\n- [ ] T003 example\n```\n* [ ] T002 Two\n  - [ ] T003 Three  \n",
  "## A\r\n- [ ] T003 Three\r\n- [ ] T0031 Other\r\n",
  "- [X] T003 Three\n- [ ] note\n",
];

function input(stage: string, more: object = {}): string {
  return JSON.stringify({
    runId: "0190f1c2-aaaa-7bbb-8ccc-1234567890ab",
    stage,
    attempt: 1,
    repository: "acme/shop",
    workTree,
    tasksRoot: "specs",
    featureKey: null,
    agent: "codex",
    task: TASK,
    summary: null,
    notes: null,
    ...more,
  });
}

function runStage(stage: string, more: object = {}): unknown {
  return JSON.parse(
    execFileSync(join(SKILL, "stages", stage), {
      cwd: workTree,
      input: input(stage, more),
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
}

test.each(LISTS)("skill and direct logic read the same tasks: %j", (text) => {
  writeFileSync(join(workTree, "tasks.md"), text);
  const lines = execFileSync("bash", ["--norc", "-c", `source "$1/lib/tasks.sh"; tasks_of tasks.md`, "bash", SKILL], {
    cwd: workTree,
    encoding: "utf8",
  });
  const read = lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [lineNumber, state, taskId, title, phase] = line.split("\t");
      return { taskId, title, phase, lineNumber: Number(lineNumber), done: state === "done" };
    });
  expect(read).toEqual(parseTaskList(text));
});

test.each(LISTS)("skill and direct logic tick the same line: %j", (text) => {
  const file = join(workTree, TASK.tasksPath);
  writeFileSync(file, text);
  runStage("publish");
  expect(readFileSync(file, "utf8")).toBe(tickTask(text, "T003"));
});

test.each([
  ["a short task", TASK, null],
  ["a summary of several lines", TASK, 'first "line"\n\nlast'],
  ["a title that is too long, without a phase", { ...TASK, title: "x".repeat(300), phase: "" }, "done"],
])("skill and direct logic name the change alike: %s", (_, task, summary) => {
  writeFileSync(join(workTree, TASK.tasksPath), LISTS[0]!);
  expect(runStage("publish", { task, summary })).toEqual(
    nameChange({ runId: "0190f1c2-aaaa-7bbb-8ccc-1234567890ab", agent: "codex", task, summary }),
  );
});

test.each([
  ["discover", {}, /has no \.specify\/scripts\/bash\/check-prerequisites\.sh: run `specify init --here` in it/],
  ["submit", {}, /has no \.agents\/skills\/speckit-implement\/SKILL\.md: run `specify integration install codex` in it/],
  ["submit", { agent: "gemini" }, /has no \.gemini\/commands\/speckit\.implement\.toml/],
  ["publish", { task: { ...TASK, taskId: "T777" } }, /has no task T777 any more/],
])("%s says what is missing", (stage, more, message) => {
  writeFileSync(join(workTree, TASK.tasksPath), LISTS[0]!);
  expect(() => runStage(stage, more)).toThrow(message);
});
