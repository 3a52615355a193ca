import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import type { FleetEnvironment } from "../project/fleet-environment";
import { descendants, listProcesses } from "../process/process-tree";
import { terraformEnvironment, terraformProgram } from "./terraform";

/** A running `cdktf deploy` or `cdktf destroy`. */
export interface CdktfRun {
  /** Its exit code. */
  readonly ended: Promise<number>;
  /** Lets Terraform finish what it is in the middle of, save its state and end. */
  interrupt(): Promise<void>;
  /** Everything it wrote so far. */
  output(): string;
  readonly logFile: string;
}

/** Starts the CDK for Terraform command line of the project; what it writes goes to a file. */
export function startCdktf(
  { project, name }: FleetEnvironment,
  command: "deploy" | "destroy",
  stacks: readonly string[],
  options: { readonly skipProviderLock: boolean },
): CdktfRun {
  const logFile = path.join(project.root, `${command}.${name}.log`);
  const log = openSync(logFile, "w", 0o600);
  const program = terraformProgram();
  const child = spawn("cdktf", [command, ...stacks, "--auto-approve", ...(options.skipProviderLock ? ["--skip-provider-lock"] : [])], {
    cwd: project.root,
    env: {
      ...process.env,
      ...terraformEnvironment(),
      FLEET_ENVIRONMENTS: name,
      PATH: `${path.join(project.root, "node_modules/.bin")}${path.delimiter}${process.env.PATH ?? ""}`,
    },
    stdio: ["ignore", log, log],
    // Its own process group: Ctrl-C reaches Terraform once, through interrupt().
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return {
    ended,
    logFile,
    output: () => readFileSync(logFile, "utf8"),
    interrupt: async () => {
      const running = descendants(await listProcesses(), child.pid!, path.basename(program));
      for (const pid of running) signal(pid);
      // Between two Terraform commands there is nothing to save.
      if (running.length === 0) child.kill("SIGINT");
    },
  };
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGINT");
  } catch {
    // It ended by itself meanwhile.
  }
}
