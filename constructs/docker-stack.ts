import type { Construct } from "constructs";
import { StateBackend } from "./state-backend";
import { addDockerProvider, TerraformStack } from "./tf";
import type { EnvironmentSettings } from "./environment-schema";

/** A stack with the engine and the state backend of an environment. */
export abstract class DockerStack extends TerraformStack {
  constructor(scope: Construct, id: string, settings: Pick<EnvironmentSettings, "engine" | "backend" | "registries">) {
    super(scope, id);
    const { host } = settings.engine;
    // The provider does not use `docker login` unless it is told which registries need it.
    const { login, config_file: configFile } = settings.registries;
    addDockerProvider(this, {
      ...(host === undefined ? {} : { host }),
      ...(login.length === 0 ? {} : { registryAuth: login.map((address) => ({ address, configFile })) }),
    });
    new StateBackend(this, settings.backend);
  }
}
