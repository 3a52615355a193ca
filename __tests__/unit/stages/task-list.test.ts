import { parseTaskList, tickTask } from "../../../runtime/stages/task-list";

const TASKS = `# Tasks: Shop

- [ ] T000 Before any phase

\`\`\`markdown
- [ ] T999 An example
\`\`\`

## Phase 1: Setup

- [x] T001 Create the project
* [X] T002 [P] Configure linting
- [ ] All tests pass
- [ ] T003 [P] [US1] Contract test for /pay in tests/pay.py

## Phase 2: Core
  - [ ] T004a   Model [draft]\u0020
`;

test("ids, titles without markers, phases and lines", () => {
  expect(parseTaskList(TASKS)).toEqual([
    { taskId: "T000", title: "Before any phase", phase: "", lineNumber: 3, done: false },
    { taskId: "T001", title: "Create the project", phase: "Phase 1: Setup", lineNumber: 11, done: true },
    { taskId: "T002", title: "Configure linting", phase: "Phase 1: Setup", lineNumber: 12, done: true },
    { taskId: "T003", title: "Contract test for /pay in tests/pay.py", phase: "Phase 1: Setup", lineNumber: 14, done: false },
    { taskId: "T004a", title: "Model [draft]", phase: "Phase 2: Core", lineNumber: 17, done: false },
  ]);
});

test("line ends of Windows", () => {
  expect(parseTaskList("## A\r\n- [ ] T1 One\r\n")).toEqual([{ taskId: "T1", title: "One", phase: "A", lineNumber: 2, done: false }]);
});

test("ticks one task and nothing else", () => {
  const ticked = tickTask(TASKS, "T003")!;
  const changed = ticked.split("\n").filter((line, index) => line !== TASKS.split("\n")[index]);
  expect(changed).toEqual(["- [X] T003 [P] [US1] Contract test for /pay in tests/pay.py"]);
  expect(tickTask("- [ ] T1 One\r\n- [ ] T2 Two\r\n", "T2")).toBe("- [ ] T1 One\r\n- [X] T2 Two\r\n");
});

test("a ticked task stays as it is, one that is not there is null", () => {
  expect(tickTask(TASKS, "T001")).toBe(TASKS);
  expect(tickTask(TASKS, "T999")).toBeNull();
});
