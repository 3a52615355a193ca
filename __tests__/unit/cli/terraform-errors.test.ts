import { terraformErrors } from "../../../cli/terraform/terraform-errors";

test("takes every message out of its frame and out of the stack's column, each once", () => {
  const output = [
    "\u001b[2K\u001b[1Ademo  \u001b[31m╷\u001b[0m",
    "      \u001b[31m│\u001b[0m \u001b[1m\u001b[31mError: \u001b[0mcontainer failed to be in healthy state",
    "      │ ",
    "      │   with docker_container.Api,",
    "      │   on cdk.tf.json line 12",
    "      ╵",
    "demo-data  Creation complete after 1s",
    "demo  ╷",
    "      │ Error: no space left on device",
    "      ╵",
    "      ╷",
    "      │ Error: no space left on device",
    "      ╵",
  ].join("\n");
  expect(terraformErrors(output)).toEqual([
    "container failed to be in healthy state\n\n  with docker_container.Api,\n  on cdk.tf.json line 12",
    "no space left on device",
  ]);
});

test("output without an error", () => {
  expect(terraformErrors("demo  Apply complete!\nInvoking Terraform CLI failed with exit code 1\n")).toEqual([]);
});
