import { deploymentProcesses } from "../../../cli/terraform/running-deployment";
import type { ProcessEntry } from "../../../cli/process/process-list";

const STACK = "/p/cdktf.out/stacks/demo";
const PLACES = { root: "/p", stacks: ["demo-data", "demo"], directories: [`${STACK}-data`, STACK] };
const entry = (fields: Partial<ProcessEntry>): ProcessEntry => ({
  pid: 7,
  parent: 1,
  program: "node",
  directory: "/p",
  args: ["node"],
  ...fields,
});

test.each<[string, Partial<ProcessEntry>, boolean]>([
  ["Terraform in the directory of the stack", { program: "terraform", directory: STACK }, true],
  ["OpenTofu, named by the operator", { program: "tofu", directory: STACK }, true],
  ["a provider that outlives it", { program: "terraform-provi", directory: STACK }, true],
  ["a shell in that directory", { program: "bash", directory: STACK }, false],
  ["Terraform in another stack", { program: "terraform", directory: "/p/cdktf.out/stacks/prod" }, false],
  ["Terraform in another checkout", { program: "terraform", directory: "/q/cdktf.out/stacks/demo" }, false],
  ["cdktf on its way to the stack", { args: ["node", "/p/node_modules/.bin/cdktf", "deploy", "demo-data", "demo", ""] }, true],
  ["cdktf with another stack", { args: ["node", "/p/node_modules/.bin/cdktf", "deploy", "prod", ""] }, false],
  ["cdktf in another checkout", { directory: "/q", args: ["node", "cdktf", "deploy", "demo"] }, false],
  ["this command", { args: ["node", "cli/codex-fleet.ts", "up", "demo"] }, false],
])("%s counts as a deployment: %#", (_what, fields, counts) => {
  expect(deploymentProcesses([entry(fields)], PLACES, "tofu")).toEqual(counts ? [7] : []);
});

test.each([
  ["terraform", [7]],
  ["terraform-ls", []],
])("where the system tells no directories, %s counts: %j", (program, pids) => {
  expect(deploymentProcesses([{ pid: 7, parent: 1, program }], PLACES, "terraform")).toEqual(pids);
});
