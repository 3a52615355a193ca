import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runCommand } from "../process/run-program";
import { terraformEnvironment, terraformProgram } from "./terraform";

/** Whether Terraform finds the Docker provider on this machine. */
export interface FoundProvider {
  readonly version: string | undefined;
  readonly problem: string | undefined;
}

/**
 * Finds the provider as Terraform would: in a stack that already has it; else with `terraform init` in a scratch
 * directory, which asks the registry and this machine's mirrors.
 *
 * @param stackDirectory Directory of a stack of the environment; it need not exist.
 * @param version Version constraint of the stacks.
 */
export async function findProvider(stackDirectory: string, version: string): Promise<FoundProvider> {
  const installed = installedProvider(stackDirectory, version);
  return installed === undefined ? scratchInit(version) : { version: installed, problem: undefined };
}

/** Version that an earlier init installed in a stack for the same constraint. */
function installedProvider(stackDirectory: string, constraint: string): string | undefined {
  const lock = path.join(stackDirectory, ".terraform.lock.hcl");
  if (!existsSync(lock)) return undefined;
  const block = /provider "([^"]*\/kreuzwerker\/docker)" \{([^}]*)\}/.exec(readFileSync(lock, "utf8"));
  const field = (name: string) => new RegExp(`^\\s*${name}\\s*= "([^"]+)"`, "m").exec(block?.[2] ?? "")?.[1];
  const version = field("version");
  if (version === undefined || field("constraints") !== constraint) return undefined;
  return existsSync(path.join(stackDirectory, ".terraform/providers", block![1]!, version)) ? version : undefined;
}

async function scratchInit(version: string): Promise<FoundProvider> {
  const scratch = mkdtempSync(path.join(tmpdir(), "codex-fleet-init-"));
  try {
    writeFileSync(
      path.join(scratch, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: { docker: { source: "kreuzwerker/docker", version } } } }),
    );
    const result = await runCommand(terraformProgram(), ["init", "-input=false", "-no-color"], {
      cwd: scratch,
      environment: terraformEnvironment(),
      timeout: 120_000,
    });
    const installed = /Installed \S+ v(\S+) \(/.exec(result.stdout.toString());
    const problem = /Error: (.+)/.exec(result.stderr)?.[1] ?? (result.stderr || "terraform init failed");
    return result.ok && installed !== null ? { version: installed[1], problem: undefined } : { version: undefined, problem };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
