import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { addDockerProvider, App, TerraformStack } from "../../constructs/tf";

export interface TerraformResult {
  readonly status: number;
  readonly output: string;
}

/** A separate project directory. Stacks are synthesized into it and Terraform runs there, as `cdktf deploy` does. */
export class TerraformProject {
  readonly root = mkdtempSync(path.join(tmpdir(), "fleet-terraform-"));
  readonly outdir = path.join(this.root, "cdktf.out");

  synth(build: (app: App) => void): void {
    mkdirSync(this.outdir, { recursive: true });
    const app = new App({ outdir: this.outdir });
    build(app);
    app.synth();
  }

  directory(stack: string): string {
    return path.join(this.outdir, "stacks", stack);
  }

  /** Runs Terraform in a stack's directory; the caller checks the exit code. */
  run(stack: string, ...argv: string[]): TerraformResult {
    return terraform(this.directory(stack), argv);
  }

  /** @throws Error with Terraform's output when it fails. */
  must(stack: string, ...argv: string[]): string {
    const { status, output } = this.run(stack, ...argv);
    if (status !== 0) throw new Error(`terraform ${argv.join(" ")} in ${stack} ended with ${status}\n${output}`);
    return output;
  }

  init(stack: string): void {
    this.must(stack, "init", "-input=false", "-no-color");
  }

  apply(stack: string): string {
    return this.must(stack, "apply", "-auto-approve", "-input=false", "-no-color");
  }

  destroy(stack: string): TerraformResult {
    return this.run(stack, "destroy", "-auto-approve", "-input=false", "-no-color");
  }

  /** 0 nothing to change, 2 changes. */
  plan(stack: string): TerraformResult {
    return this.run(stack, "plan", "-detailed-exitcode", "-input=false", "-no-color");
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Why Terraform, its Docker provider or an engine cannot be used here; undefined when they can. */
export function whyNoTerraform(): string | undefined {
  const engine = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { encoding: "utf8" });
  if (engine.status !== 0) return `no Docker engine: ${(engine.stderr || String(engine.error)).trim()}`;
  const project = new TerraformProject();
  try {
    project.synth((app) => addDockerProvider(new TerraformStack(app, "probe")));
    const { status, output } = project.run("probe", "init", "-backend=false", "-input=false", "-no-color");
    return status === 0 ? undefined : `terraform init found no provider: ${output.trim()}`;
  } finally {
    project.remove();
  }
}

function terraform(directory: string, argv: readonly string[]): TerraformResult {
  const result = spawnSync("terraform", [...argv], {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: result.status ?? -1, output: `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ? String(result.error) : ""}` };
}
