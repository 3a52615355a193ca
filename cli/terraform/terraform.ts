import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

/** The binary the CDK for Terraform command line takes too. */
export function terraformProgram(): string {
  return process.env.TERRAFORM_BINARY_NAME ?? "terraform";
}

/**
 * The environment Terraform runs in: no call home, no question, and no TF_CLI_CONFIG_FILE that names a missing file, with
 * which Terraform would not look at its implied local mirror.
 */
export function terraformEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  const configuration = environment.TF_CLI_CONFIG_FILE;
  const missing = configuration !== undefined && !existsSync(configuration);
  return { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0", ...(missing ? { TF_CLI_CONFIG_FILE: undefined } : {}) };
}

/** Terraform at work. */
export interface TerraformProcess {
  /** Its exit code. */
  readonly ended: Promise<number>;
  /** Lets it finish what it is in the middle of, save its state and end. */
  interrupt(): void;
}

/** Starts Terraform in a stack's directory; each line it writes is called back with. */
export function startTerraform(directory: string, args: readonly string[], onLine: (line: string) => void): TerraformProcess {
  const child = spawn(terraformProgram(), args, {
    cwd: directory,
    env: { ...process.env, ...terraformEnvironment() },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group: a terminal's Ctrl-C reaches it once, through interrupt(). A second one would make it give up.
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
