import path from "node:path";
import { Environment, FleetStack } from "../../constructs";
import { SMALL_CONTEXT } from "../support/synthesized";
import { TerraformProject, whyNoTerraform } from "../support/terraform";

/** Terraform validates every stack of the package's own environments with the provider's schema. */

const reason = whyNoTerraform();
if (reason !== undefined) console.warn(`SKIPPED: validation needs Terraform, its Docker provider and an engine: ${reason}`);
const testValid = reason === undefined ? test : test.skip;

const environments = Environment.fromDirectory(path.join(__dirname, "../../environments"));
const project = new TerraformProject();

beforeAll(() =>
  project.synth((app) => {
    for (const [name, environment] of environments) new FleetStack(app, name, environment, { imageContext: SMALL_CONTEXT() });
  }),
);

afterAll(() => project.remove());

testValid.each([...environments.keys()].flatMap((name) => [`${name}-data`, name]))(
  "%s is valid",
  (stack) => {
    project.must(stack, "init", "-backend=false", "-input=false", "-no-color");
    expect(JSON.parse(project.must(stack, "validate", "-json"))).toMatchObject({ valid: true, error_count: 0, warning_count: 0 });
  },
  60_000,
);
