import type { Construct } from "constructs";
import { StateBackend } from "./state-backend";
import { addDockerProvider, TerraformStack } from "./tf";
import type { EnvironmentSettings } from "./environment-schema";

/** A stack on the engine of an environment, with its state where the environment keeps it. */
export abstract class DockerStack extends TerraformStack {
  constructor(scope: Construct, id: string, settings: Pick<EnvironmentSettings, "engine" | "backend">) {
    super(scope, id);
    const { host } = settings.engine;
    addDockerProvider(this, host === undefined ? {} : { host });
    new StateBackend(this, settings.backend);
  }
}
