import { existsSync } from "node:fs";

/** The binary the CDK for Terraform command line takes too. */
export function terraformProgram(): string {
  return process.env.TERRAFORM_BINARY_NAME ?? "terraform";
}

/**
 * The environment Terraform runs in: no call home, and no TF_CLI_CONFIG_FILE that names a missing file, with which
 * Terraform would not look at its implied local mirror.
 */
export function terraformEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  const configuration = environment.TF_CLI_CONFIG_FILE;
  const missing = configuration !== undefined && !existsSync(configuration);
  return { CHECKPOINT_DISABLE: "1", ...(missing ? { TF_CLI_CONFIG_FILE: undefined } : {}) };
}
