import { parseProcessList } from "../../../cli/process/process-list";

test("the list of ps, with a program's path shortened to its name", () => {
  expect(parseProcessList("    1     0 init\n  104   100 /usr/bin/terraform\n\n  105   104 a name with blanks \n")).toEqual([
    { pid: 1, parent: 0, program: "init" },
    { pid: 104, parent: 100, program: "terraform" },
    { pid: 105, parent: 104, program: "a name with blanks" },
  ]);
});
