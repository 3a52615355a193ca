import type { Construct } from "constructs";
import { StateBackend } from "./state-backend";
import { addDockerProvider, TerraformStack } from "./tf";
import type { EnvironmentSettings } from "./environment-schema";

/** A stack on the engine of an environment, with its state where the environment keeps it. */
export abstract class DockerStack extends TerraformStack {
  constructor(scope: Construct, id: string, settings: Pick<EnvironmentSettings, "engine" | "backend" | "registries">) {
    super(scope, id);
    const { host } = settings.engine;
    // The provider takes no login of the operator's by itself.
    const { login, config_file: configFile } = settings.registries;
    addDockerProvider(this, {
      ...(host === undefined ? {} : { host }),
      ...(login.length === 0 ? {} : { registryAuth: login.map((address) => ({ address, configFile })) }),
    });
    new StateBackend(this, settings.backend);
  }
}
