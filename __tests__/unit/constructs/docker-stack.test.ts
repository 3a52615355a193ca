import { synthesizedFleet } from "../../support/synthesized";

test("both stacks ask for the provider the constructs are made for", () => {
  const { fleet, data } = synthesizedFleet();
  const required = { docker: { source: "kreuzwerker/docker", version: "~> 4.5" } };
  expect([fleet.terraform.required_providers, data.terraform.required_providers]).toEqual([required, required]);
  expect(fleet.provider).toEqual({ docker: [{}] });
});

test("an engine elsewhere is the provider's host", () => {
  const { fleet, data } = synthesizedFleet({ engine: { host: "ssh://ops@prod.example" } });
  expect([fleet.provider, data.provider]).toEqual(Array(2).fill({ docker: [{ host: "ssh://ops@prod.example" }] }));
});

test("local state has a relative path outside the synthesized directory", () => {
  const { fleet, data } = synthesizedFleet();
  expect([fleet.terraform.backend, data.terraform.backend]).toEqual([
    { local: { path: "../../../terraform.test.tfstate" } },
    { local: { path: "../../../terraform.test-data.tfstate" } },
  ]);
});

test("any other backend keeps each stack's state apart", () => {
  const { fleet, data } = synthesizedFleet({ backend: { type: "s3", bucket: "state", key: "fleet/{stack}.tfstate" } });
  expect([fleet.terraform.backend, data.terraform.backend]).toEqual([
    { s3: { bucket: "state", key: "fleet/test.tfstate" } },
    { s3: { bucket: "state", key: "fleet/test-data.tfstate" } },
  ]);
});
