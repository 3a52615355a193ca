import { errorOf } from "../../../../cli/terraform/stack";

const line = (diagnostic: object) => JSON.stringify({ "@level": "error", type: "diagnostic", diagnostic });

test.each([
  [
    line({ severity: "error", summary: "Unable to start container", detail: "port is already allocated", address: "docker_container.a" }),
    "docker_container.a: Unable to start container\nport is already allocated",
  ],
  [line({ severity: "error", summary: "No configuration files", detail: "" }), "No configuration files"],
  [line({ severity: "warning", summary: "Resource targeting is in effect" }), undefined],
  [JSON.stringify({ type: "apply_start", hook: {} }), undefined],
  ["Terraform v1.11.4", undefined],
  ["{ no JSON", undefined],
])("%s", (text, error) => {
  expect(errorOf(text)).toBe(error);
});
