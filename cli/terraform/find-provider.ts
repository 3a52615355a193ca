import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runCommand } from "../process/run-program";
import { terraformEnvironment, terraformProgram } from "./terraform";

/** The Docker provider as Terraform finds it on this machine. */
export interface FoundProvider {
  readonly version: string | undefined;
  /** Signed, from its registry; anything else comes from a mirror and cannot be locked for other platforms. */
  readonly fromRegistry: boolean;
  readonly problem: string | undefined;
}

/** A scratch init: it finds the provider wherever Terraform would find it, in its registry or in a mirror. */
export async function findProvider(version: string): Promise<FoundProvider> {
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
    const installed = /Installed \S+ v(\S+) \(([^)]*)/.exec(result.stdout.toString());
    const problem = /Error: (.+)/.exec(result.stderr)?.[1] ?? (result.stderr || "terraform init failed");
    if (!result.ok || installed === null) return { version: undefined, fromRegistry: false, problem };
    return { version: installed[1], fromRegistry: /signed/.test(installed[2]!), problem: undefined };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
