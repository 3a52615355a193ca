import { descendants, parseProcessList } from "../../../cli/process/process-tree";

const LIST = `
    1     0 init
  100     1 node
  101   100 sh
  102   101 terraform
  103   102 terraform-provi
  104   100 /usr/bin/terraform
  200     1 terraform
`;

test.each([
  [100, "terraform", [102, 104]],
  [101, "terraform", [102]],
  [102, "terraform", []],
  [100, "tofu", []],
])("below %i, the processes of %s", (root, program, pids) => {
  expect(descendants(parseProcessList(LIST), root, program)).toEqual(pids);
});
