import path from "node:path";
import { Environment, FleetStack } from "./constructs";
import { EnvironmentError } from "./constructs/environment-problem";
import { App } from "./constructs/tf";

/** Synthesizes every file in environments/. FLEET_ENVIRONMENTS=dev,prod selects some; synth reads no other shell variable. */
function main(): void {
  const only = process.env.FLEET_ENVIRONMENTS?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const environments = Environment.fromDirectory(path.join(__dirname, "environments"), only);
  const app = new App();
  for (const [name, environment] of environments) new FleetStack(app, name, environment);
  app.synth();
}

try {
  main();
} catch (error) {
  console.error(error instanceof EnvironmentError ? error.message : error);
  process.exitCode = 1;
}
