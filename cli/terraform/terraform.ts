import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

/** The Terraform binary, which the CDK for Terraform command line uses too. */
export function terraformProgram(): string {
  return process.env.TERRAFORM_BINARY_NAME ?? "terraform";
}

/**
 * Variables for Terraform: no version check, no questions, and no TF_CLI_CONFIG_FILE that names a missing file, because
 * Terraform would then ignore its implied local mirror.
 */
export function terraformEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  const configuration = environment.TF_CLI_CONFIG_FILE;
  const missing = configuration !== undefined && !existsSync(configuration);
  return { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0", ...(missing ? { TF_CLI_CONFIG_FILE: undefined } : {}) };
}

/** A running Terraform process. */
export interface TerraformProcess {
  /** Its exit code. */
  readonly ended: Promise<number>;
  /** Makes Terraform finish its current operations, save its state and end. */
  interrupt(): void;
}

/** Starts Terraform in a stack's directory and calls `onLine` with each line it writes. */
export function startTerraform(directory: string, args: readonly string[], onLine: (line: string) => void): TerraformProcess {
  const child = spawn(terraformProgram(), args, {
    cwd: directory,
    env: { ...process.env, ...terraformEnvironment() },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that Ctrl-C reaches Terraform only once, through interrupt(): a second signal would kill it.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve(code ?? 1));
  });
  let interrupted = false;
  return {
    ended,
    interrupt: () => {
      if (!interrupted) child.kill("SIGINT");
      interrupted = true;
    },
  };
}
