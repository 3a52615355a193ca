import { readPlan } from "../../../../cli/report/plan-json";

const change = (actions: string[], more: object = {}) => ({
  format_version: "1.2",
  resource_changes: [
    { address: "docker_volume.a", type: "docker_volume", mode: "managed", change: { actions, before: null, after: null, ...more } },
  ],
});

test.each([
  [["no-op"], {}, "none", false],
  [["no-op"], { importing: { id: "x" } }, "import", false],
  [["create"], {}, "create", false],
  [["read"], {}, "read", false],
  [["update"], {}, "update", false],
  [["delete"], {}, "destroy", false],
  [["delete", "create"], {}, "replace", false],
  [["create", "delete"], {}, "replace", true],
  [["forget"], {}, "forget", false],
  [["create", "forget"], {}, "forget", true],
])("%j %j is %s", (actions, more, action, createFirst) => {
  expect(readPlan(change(actions, more), "demo")).toEqual([
    {
      address: "docker_volume.a",
      type: "docker_volume",
      action,
      createFirst,
      before: undefined,
      after: undefined,
      unknown: [],
      replacedFor: [],
    },
  ]);
});

test("attributes that force a replacement, and those known only after apply", () => {
  const paths = {
    replace_paths: [["ports", 0, "external"], ["env"], ["ports", 1]],
    after_unknown: { id: true, env: [false], image: true },
  };
  expect(readPlan(change(["delete", "create"], paths), "demo")[0]).toMatchObject({
    replacedFor: ["env", "ports"],
    unknown: ["id", "image"],
  });
});

test("data sources are no resources of a plan", () => {
  const plan = change(["read"]);
  expect(readPlan({ ...plan, resource_changes: [{ ...plan.resource_changes[0]!, mode: "data" }] }, "demo")).toEqual([]);
});

test.each([
  [{}, "demo is not a plan of Terraform: format_version: Invalid input: expected string, received undefined"],
  [{ format_version: "2.0" }, "demo is not a plan of Terraform: format_version: must be 1.x"],
  [[], "demo is not a plan of Terraform: the whole: Invalid input: expected object, received array"],
  [
    { format_version: "1.2", resource_changes: [{ address: "a", type: "t", change: {} }] },
    "demo is not a plan of Terraform: resource_changes.0.change.actions: Invalid input: expected array, received undefined",
  ],
])("%j is refused", (json, message) => {
  expect(() => readPlan(json, "demo")).toThrow(`${message}; make one with "terraform show -json PLANFILE"`);
});
